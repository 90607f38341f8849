import { ConnectionBroken, ZooKeeperError } from './errors.ts';
import { Gate } from './gate.ts';
import type { Session } from './session.ts';

/** A request that itself breaks the connection must not be sent for ever. */
const MAX_ATTEMPTS = 5;

interface Call {
  cancel(error: ZooKeeperError): void;
}

/** Runs calls on whatever session there is: held back until connected, tried again after a lost connection, each within its deadline. */
export class Calls {
  readonly #session: () => Session;
  readonly #deadlineMs: number;
  readonly #gate = new Gate();
  readonly #running = new Set<Call>();
  #closed: ZooKeeperError | undefined;

  constructor(session: () => Session, deadlineMs: number) {
    this.#session = session;
    this.#deadlineMs = deadlineMs;
  }

  connected(): void {
    this.#gate.open();
  }

  disconnected(): void {
    this.#gate.shut();
  }

  /** The session is gone: what was asked for in it is not carried over into the next one. */
  sessionLost(): void {
    this.#gate.shut();
    for (const call of [...this.#running])
      call.cancel(new ZooKeeperError('session_lost', 'The ZooKeeper session was lost'));
  }

  close(reason: ZooKeeperError): void {
    this.#closed = reason;
    this.#gate.shut();
    for (const call of [...this.#running]) call.cancel(reason);
  }

  /** `attempt` is repeated when its connection breaks; `what` is for error messages. */
  async run<T>(what: string, attempt: (session: Session) => Promise<T>): Promise<T> {
    if (this.#closed) throw this.#closed;
    // After a stop of this process (SIGSTOP) the timer that judges the session may be late.
    this.#session().check();
    const abort = new AbortController();
    const call: Call = { cancel: (error) => abort.abort(error) };
    const timer = setTimeout(
      () =>
        call.cancel(
          new ZooKeeperError('deadline', `${what}: no answer from ZooKeeper within ${this.#deadlineMs} ms`),
        ),
      this.#deadlineMs,
    );
    this.#running.add(call);
    try {
      return await this.#attempts(attempt, abort.signal);
    } finally {
      clearTimeout(timer);
      this.#running.delete(call);
    }
  }

  async #attempts<T>(attempt: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let count = 1; ; count += 1) {
      await this.#gate.enter(signal);
      try {
        return await unlessAborted(attempt(this.#session()), signal);
      } catch (error) {
        if (!(error instanceof ConnectionBroken) || count === MAX_ATTEMPTS) throw error;
      } finally {
        this.#gate.leave();
      }
    }
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abandon = (): void => reject(signal.reason as Error);
    if (signal.aborted) abandon();
    signal.addEventListener('abort', abandon, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
}
