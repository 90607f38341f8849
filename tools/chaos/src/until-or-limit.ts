import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/** Waits until something holds, or the limit is over. @returns whether it holds */
export async function untilOrLimit(
  holds: () => boolean,
  limitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    if (holds()) return true;
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS, undefined, { signal });
  }
}
