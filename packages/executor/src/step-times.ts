/** How the steps of one epoch went, for whoever asks where a failover spent its time. */
export interface EpochTimes {
  epoch: number;
  /** `atMs` counts from the moment control named the epoch. */
  steps: { step: string; atMs: number; tookMs: number }[];
}

const STEPS_MAX = 20;

export class StepTimes {
  #current: EpochTimes | null = null;
  #beganAtMs = 0;

  get last(): EpochTimes | null {
    return this.#current;
  }

  begin(epoch: number, nowMs: number): void {
    this.#current = { epoch, steps: [] };
    this.#beganAtMs = nowMs;
  }

  /** Only the first ones: an epoch may last for years. */
  add(step: string, startedAtMs: number, endedAtMs: number): void {
    if (!this.#current || this.#current.steps.length >= STEPS_MAX) return;
    const rounded = (ms: number) => Math.round(ms * 10) / 10;
    const atMs = rounded(startedAtMs - this.#beganAtMs);
    this.#current.steps.push({ step, atMs, tookMs: rounded(endedAtMs - startedAtMs) });
  }
}
