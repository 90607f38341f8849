import { setTimeout as sleep } from 'node:timers/promises';

const STEP_MS = 10;

/** Waits until `probe` gives something truthy, and gives that. */
export async function until<T>(probe: () => T | Promise<T>, limitMs = 10_000): Promise<NonNullable<T>> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > endMs) throw new Error(`Not within ${limitMs} ms: ${probe.toString()}`);
    await sleep(STEP_MS);
  }
}
