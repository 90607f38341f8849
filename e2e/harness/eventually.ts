import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;

/**
 * Repeats `work` until it does not throw.
 * @throws after the limit, with what was awaited and what the last try said
 */
export async function eventually<T>(what: string, work: () => Promise<T> | T, limitMs = 90_000): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline)
        throw new Error(`not within ${limitMs / 1000} s: ${what}: ${(error as Error).message}`, {
          cause: error,
        });
      await sleep(POLL_MS);
    }
  }
}
