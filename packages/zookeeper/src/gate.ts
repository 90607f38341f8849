import { ZooKeeperError } from './errors.ts';

/** Requests on the wire at a time: enough to keep a server busy, few enough that heartbeats are not stuck behind them. */
const MAX_IN_FLIGHT = 256;
/** Calls held back while there is no connection. Each ends by its deadline. */
const MAX_WAITING = 100_000;

interface Waiter {
  admit(): void;
  refuse(error: ZooKeeperError): void;
}

/**
 * Holds calls back, in order, until there is an authenticated connection, and limits how many are on the wire.
 * The library would queue without limit and send the queue before it authenticates.
 */
export class Gate {
  readonly #waiting = new Set<Waiter>();
  #inFlight = 0;
  #open = false;

  /** Resolves when the call may be sent; then `leave` must follow. Leaves the queue when `signal` aborts. */
  enter(signal: AbortSignal): Promise<void> {
    if (this.#open && this.#inFlight < MAX_IN_FLIGHT && this.#waiting.size === 0) {
      this.#inFlight += 1;
      return Promise.resolve();
    }
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(
        new ZooKeeperError('overloaded', `More than ${MAX_WAITING} ZooKeeper calls are waiting`),
      );
    }
    return new Promise<void>((resolve, reject) => {
      const abandon = (): void => {
        this.#waiting.delete(waiter);
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        admit: () => {
          signal.removeEventListener('abort', abandon);
          resolve();
        },
        refuse: (error) => {
          signal.removeEventListener('abort', abandon);
          reject(error);
        },
      };
      if (signal.aborted) return reject(signal.reason as Error);
      signal.addEventListener('abort', abandon, { once: true });
      this.#waiting.add(waiter);
    });
  }

  leave(): void {
    this.#inFlight -= 1;
    this.#admit();
  }

  open(): void {
    this.#open = true;
    this.#admit();
  }

  shut(): void {
    this.#open = false;
  }

  /** Ends the wait of everyone. */
  refuseAll(error: ZooKeeperError): void {
    for (const waiter of this.#waiting) waiter.refuse(error);
    this.#waiting.clear();
  }

  #admit(): void {
    for (const waiter of this.#waiting) {
      if (!this.#open || this.#inFlight >= MAX_IN_FLIGHT) return;
      this.#waiting.delete(waiter);
      this.#inFlight += 1;
      waiter.admit();
    }
  }
}
