/** Keeps something from the server fresh: again and again, slower while it fails, not at all while nobody looks. */

export interface Live<T> {
  /** The newest answer; undefined before the first one. */
  value: T | undefined;
  /** Why the last attempt failed; undefined when it did not. */
  error: unknown;
}

export interface PollerOptions<T> {
  load(signal: AbortSignal): Promise<T>;
  intervalMs: number;
  onChange(live: Live<T>): void;
  isHidden(): boolean;
}

const MAX_BACKOFF_MS = 15_000;

export class Poller<T> {
  readonly #options: PollerOptions<T>;
  #live: Live<T> = { value: undefined, error: undefined };
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #request: AbortController | undefined;

  constructor(options: PollerOptions<T>) {
    this.#options = options;
  }

  /** Asks at once (also to show the outcome of a change); later answers to earlier questions are dropped. */
  refresh(): void {
    this.stop();
    void this.#ask();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.#request = undefined;
  }

  async #ask(): Promise<void> {
    const request = new AbortController();
    this.#request = request;
    const answer = await this.#options.load(request.signal).then(
      (value) => ({ value, error: undefined }),
      (error: unknown) => ({ value: this.#live.value, error }),
    );
    if (this.#request !== request) return;
    this.#live = answer;
    this.#failures = answer.error === undefined ? 0 : this.#failures + 1;
    this.#options.onChange(answer);
    // Hidden: whoever makes the page visible again calls refresh.
    if (!this.#options.isHidden()) this.#timer = setTimeout(() => void this.#ask(), this.#pauseMs());
  }

  #pauseMs(): number {
    return Math.min(
      this.#options.intervalMs * 2 ** Math.min(this.#failures, 10),
      Math.max(MAX_BACKOFF_MS, this.#options.intervalMs),
    );
  }
}
