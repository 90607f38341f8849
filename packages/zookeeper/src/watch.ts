import { tell } from './callbacks.ts';
import { isZooKeeperError } from './errors.ts';
import type { Log } from './options.ts';
import type { Changed } from './requests.ts';

const RETRY_MS = 250;
/** Nobody tells when a node is opened to us. */
const CLOSED_RETRY_MS = 5_000;

export interface Watched<T> {
  what: string;
  read: (changed: Changed) => Promise<T>;
  same: (left: T, right: T) => boolean;
  deliver: (value: T, isFirst: boolean) => void;
  /** We may not read it. */
  onClosed: () => void;
  log: Log;
}

/**
 * Level-triggered: a ZooKeeper watch only says that something changed, once, and is gone with its connection.
 * So every hint, and every new connection, leads to one more reading; hints during a reading to one more after it;
 * and only what differs from the last delivery is delivered.
 */
export class Watch<T> {
  readonly #watched: Watched<T>;
  #last: { value: T } | undefined;
  #dirty = false;
  #reading = false;
  #stopped = false;
  #isFirst = true;
  #retry: NodeJS.Timeout | undefined;
  /** The failure that was logged last, since the last reading that did not fail. */
  #logged = '';

  constructor(watched: Watched<T>) {
    this.#watched = watched;
  }

  /** Reads again, now or after the reading under way. */
  readonly refresh = (): void => {
    this.#dirty = true;
    if (!this.#reading && !this.#stopped) void this.#readWhileDirty();
  };

  /** On a new connection. */
  renew(): void {
    this.#isFirst = true;
    this.refresh();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
  }

  async #readWhileDirty(): Promise<void> {
    this.#reading = true;
    clearTimeout(this.#retry);
    try {
      while (this.#dirty && !this.#stopped) {
        this.#dirty = false;
        const value = await this.#watched.read(this.refresh);
        const isFirst = this.#isFirst;
        this.#isFirst = false;
        this.#logged = '';
        this.#offer(value, isFirst);
      }
    } catch (error) {
      this.#retryLater(error);
    } finally {
      this.#reading = false;
    }
  }

  #offer(value: T, isFirst: boolean): void {
    if (this.#stopped || (this.#last && this.#watched.same(this.#last.value, value))) return;
    this.#last = { value };
    tell((it) => this.#watched.deliver(it, isFirst), value);
  }

  #retryLater(error: unknown): void {
    if (this.#stopped || isZooKeeperError(error, 'closed')) return;
    if (!isZooKeeperError(error, 'connection_loss', 'session_lost', 'deadline')) this.#log(String(error));
    const isClosed = isZooKeeperError(error, 'no_auth');
    this.#retry = setTimeout(this.refresh, isClosed ? CLOSED_RETRY_MS : RETRY_MS);
    if (isClosed) tell(this.#watched.onClosed, undefined);
  }

  #log(error: string): void {
    if (error === this.#logged) return;
    this.#logged = error;
    this.#watched.log('zookeeper: watch failed, trying again', { watch: this.#watched.what, error });
  }
}
