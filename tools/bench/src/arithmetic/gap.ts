/** A time in which no write was acknowledged, as clients saw it. */
export interface Gap {
  /** Last acknowledged write before it. */
  lastMs: number;
  /** First acknowledged write after it. */
  nextMs: number;
  ms: number;
}

/**
 * The longest time without an acknowledgement that was not over when the fault came. An answer that was under way
 * when the primary died counts: it was acknowledged. undefined when nothing was acknowledged before, or after.
 */
export function writeGap(acknowledgedMs: readonly number[], faultMs: number): Gap | undefined {
  const times = [...acknowledgedMs].sort((a, b) => a - b);
  let longest: Gap | undefined;
  for (let index = 1; index < times.length; index += 1) {
    const lastMs = times[index - 1] ?? NaN;
    const nextMs = times[index] ?? NaN;
    if (nextMs < faultMs) continue;
    const ms = nextMs - lastMs;
    if (!longest || ms > longest.ms) longest = { lastMs, nextMs, ms };
  }
  return longest;
}
