import { isZooKeeperError, type Log, type ZooKeeper } from '@cotton/zookeeper';
import { type Codec, encodeLimited } from './codec.ts';
import { statusPath } from './layout.ts';

export const MAX_STATUS_BYTES = 64 * 1024;
const RETRY_MS = 250;

export interface StatusPlace {
  root: string;
  /** Of the cluster. */
  uid: string;
  instance: string;
}

/**
 * The executor's side of `status/<uid>/<instance>`: an ephemeral node that always comes to hold the last document
 * published, whatever happens to connections and sessions. Documents that follow each other faster than they can be
 * written are skipped, except the last.
 */
export class StatusPublisher<T> {
  readonly #zookeeper: ZooKeeper;
  readonly #place: StatusPlace;
  readonly #codec: Codec<T>;
  readonly #log: Log;
  readonly #stopListening: () => void;
  #wanted: Buffer | undefined;
  #written: { data: Buffer; session: string; version: number } | undefined;
  #writing: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(zookeeper: ZooKeeper, place: StatusPlace, codec: Codec<T>, log: Log = () => undefined) {
    this.#zookeeper = zookeeper;
    this.#place = place;
    this.#codec = codec;
    this.#log = log;
    this.#stopListening = zookeeper.onState((state) => state === 'connected' && this.#look());
  }

  /** Returns at once. @throws CoordinationError('too_large') */
  publish(document: T): void {
    this.#wanted = encodeLimited(this.#codec, document, this.#path, MAX_STATUS_BYTES);
    this.#write();
  }

  /** Is the last document there, in the present session? */
  get settled(): boolean {
    const written = this.#written;
    return (
      this.#wanted === undefined ||
      (written?.session === this.#zookeeper.sessionId && written.data.equals(this.#wanted))
    );
  }

  /** Publishes no more and removes the node, if ZooKeeper can be reached; else it vanishes with the session. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#stopListening();
    await this.#writing;
    try {
      if (this.#written?.session === this.#zookeeper.sessionId) {
        await this.#zookeeper.remove(this.#path, this.#written.version);
      }
    } catch (error) {
      if (!isZooKeeperError(error)) throw error;
    }
  }

  get #path(): string {
    return statusPath(this.#place.root, this.#place.uid, this.#place.instance);
  }

  /** A new session has none of our nodes, and a ZooKeeper restored from an old copy may know the session, and an older status. */
  #look(): void {
    this.#written = undefined;
    this.#write();
  }

  #write(): void {
    if (this.#writing || this.#stopped) return;
    clearTimeout(this.#retry);
    this.#writing = this.#writeUntilSettled().finally(() => {
      this.#writing = undefined;
      if (!this.settled && !this.#stopped) this.#retry = setTimeout(() => this.#write(), RETRY_MS);
    });
  }

  async #writeUntilSettled(): Promise<void> {
    try {
      while (!this.settled && !this.#stopped) await this.#writeOnce(this.#wanted as Buffer);
    } catch (error) {
      if (!isZooKeeperError(error)) throw error;
      this.#written = undefined;
      if (!isZooKeeperError(error, 'session_lost', 'deadline', 'connection_loss', 'closed')) {
        this.#log('status could not be published, trying again', { path: this.#path, error: String(error) });
      }
    }
  }

  async #writeOnce(data: Buffer): Promise<void> {
    const session = this.#zookeeper.sessionId;
    const known = this.#written?.session === session ? this.#written.version : undefined;
    const version =
      known === undefined ? await this.#create(data) : await this.#zookeeper.set(this.#path, data, known);
    this.#written = { data, session, version };
  }

  /** Takes the place of whatever else is there: of an earlier session (of ours, or of an executor before us), or older. */
  async #create(data: Buffer): Promise<number> {
    const path = this.#path;
    const session = this.#zookeeper.sessionId;
    const existing = await this.#zookeeper.get(path);
    if (existing?.ephemeralOwner === session && existing.data.equals(data)) return existing.version;
    const create = { op: 'create', path, data, ephemeral: true } as const;
    if (existing) await this.#zookeeper.multi([{ op: 'remove', path, version: existing.version }, create]);
    else {
      await this.#zookeeper.ensure(statusPath(this.#place.root, this.#place.uid));
      await this.#zookeeper.multi([create]);
    }
    return 0;
  }
}
