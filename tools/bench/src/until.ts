import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 180_000;
const POLL_MS = 20;

/** Waits for something to become true. @throws after the limit, naming it; at once what `isTrue` throws */
export async function until(
  what: string,
  isTrue: () => Promise<boolean> | boolean,
  { limitMs = LIMIT_MS, pollMs = POLL_MS }: { limitMs?: number; pollMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`not in ${limitMs / 1000} s: ${what}`);
    await sleep(pollMs);
  }
}
