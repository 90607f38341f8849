export interface BackoffOptions {
  /** Longest wait before the first retry. */
  firstMs: number;
  /** Longest wait ever. */
  maxMs: number;
  random: () => number;
}

/** Growing waits with jitter: each between half and all of a bound that doubles up to `maxMs`. */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  nextMs(): number {
    const { firstMs, maxMs, random } = this.#options;
    const bound = Math.min(maxMs, firstMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    return Math.round(bound * (0.5 + random() / 2));
  }

  /** After a success: the next wait is short again. */
  reset(): void {
    this.#failures = 0;
  }
}
