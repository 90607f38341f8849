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
}

const MAX_BACKOFF_MS = 15_000;
/** However often the server says that something changed. */
const MIN_GAP_MS = 500;

export class Poller<T> {
  readonly #options: PollerOptions<T>;
  #live: Live<T> = { value: undefined, error: undefined };
  #failures = 0;
  #answeredAt = -Infinity;
  #isOutdated = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #request: AbortController | undefined;

  constructor(options: PollerOptions<T>) {
    this.#options = options;
  }

  /** Asks at once (to start, and to show the outcome of a change); answers to earlier questions are dropped. */
  refresh(): void {
    this.stop();
    void this.#ask();
  }

  /** Something may have changed: asks soon. Does nothing while stopped. */
  nudge(): void {
    this.#isOutdated = true;
    if (this.#timer !== undefined) this.#schedule();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#request?.abort();
    this.#request = undefined;
  }

  async #ask(): Promise<void> {
    const request = new AbortController();
    this.#request = request;
    this.#timer = undefined;
    this.#isOutdated = false;
    const answer = await this.#options.load(request.signal).then(
      (value) => ({ value, error: undefined }),
      (error: unknown) => ({ value: this.#live.value, error }),
    );
    if (this.#request !== request) return;
    this.#live = answer;
    this.#answeredAt = Date.now();
    this.#failures = answer.error === undefined ? 0 : this.#failures + 1;
    this.#options.onChange(answer);
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const dueAt = this.#answeredAt + this.#pauseMs();
    this.#timer = setTimeout(() => void this.#ask(), Math.max(0, dueAt - Date.now()));
  }

  #pauseMs(): number {
    const { intervalMs } = this.#options;
    if (this.#failures > 0) return Math.min(1_000 * 2 ** Math.min(this.#failures, 10), MAX_BACKOFF_MS);
    return this.#isOutdated ? MIN_GAP_MS : intervalMs;
  }
}
