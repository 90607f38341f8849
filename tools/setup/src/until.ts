import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than anything awaited here takes on a busy machine: it only ends what would never come. */
const LIMIT_MS = 30_000;
const POLL_MS = 10;

export interface UntilOptions {
  limitMs?: number;
  pollMs?: number;
  /** For the message; otherwise it shows the code of `probe`. */
  what?: string;
}

type Nothing = false | null | undefined;

/** Waits until `probe` gives something truthy, and gives that. @throws after the limit; at once what `probe` throws */
export async function until<T>(
  probe: () => T | Nothing | Promise<T | Nothing>,
  { limitMs = LIMIT_MS, pollMs = POLL_MS, what = probe.toString() }: UntilOptions = {},
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    await sleep(pollMs);
  }
}
