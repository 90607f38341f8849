/** Tells when something changed on the server: one event stream for the whole page, open while someone listens. */

type Listener = () => void;

export interface EventStream {
  readonly readyState: number;
  addEventListener(type: 'change' | 'error', listener: Listener): void;
  close(): void;
}

/** A browser gives up after some errors (such as 503); then it is for us to connect again. */
const CLOSED = 2;
const REOPEN_MS = 5_000;

export class ChangeFeed {
  readonly #open: () => EventStream;
  readonly #listeners = new Set<Listener>();
  #stream: EventStream | undefined;
  #reopening: ReturnType<typeof setTimeout> | undefined;

  constructor(open: () => EventStream) {
    this.#open = open;
  }

  /** Calls back after each change, and when the stream has been established anew; until the result is called. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (!this.#stream) this.#connect();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#disconnect();
    };
  }

  #connect(): void {
    const stream = this.#open();
    this.#stream = stream;
    stream.addEventListener('change', () => this.#listeners.forEach((listener) => listener()));
    stream.addEventListener('error', () => {
      if (stream !== this.#stream || stream.readyState !== CLOSED) return;
      clearTimeout(this.#reopening);
      this.#reopening = setTimeout(() => this.#connect(), REOPEN_MS);
    });
  }

  #disconnect(): void {
    clearTimeout(this.#reopening);
    this.#stream?.close();
    this.#stream = undefined;
  }
}

export const changes = new ChangeFeed(() => new EventSource('events'));
