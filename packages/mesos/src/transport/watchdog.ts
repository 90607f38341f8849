import type { After } from './time.ts';

/** Calls `onSilence` once when nobody called `heard` for the time set. */
export class Watchdog {
  readonly #after: After;
  readonly #onSilence: (silentMs: number) => void;
  #cancel: () => void = () => {};

  constructor(after: After, onSilence: (silentMs: number) => void) {
    this.#after = after;
    this.#onSilence = onSilence;
  }

  heard(patienceMs: number): void {
    this.#cancel();
    this.#cancel = this.#after(patienceMs, () => this.#onSilence(patienceMs));
  }

  stop(): void {
    this.#cancel();
  }
}
