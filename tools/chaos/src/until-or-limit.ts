import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/** Waits until something holds, or the limit is over: which of the two, the caller has to look. */
export async function untilOrLimit(
  holds: () => boolean,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!holds() && performance.now() < deadline) await sleep(POLL_MS, undefined, { signal });
}
