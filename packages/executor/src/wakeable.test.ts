import { expect, it } from 'vitest';
import { Wakeable } from './wakeable.ts';

const LONG_MS = 60_000;

it('ends a sleep early', async () => {
  const wakeable = new Wakeable();
  const sleep = wakeable.sleep(LONG_MS);
  wakeable.wake();
  await sleep;
});

it('remembers a call that came just before the sleep', async () => {
  const wakeable = new Wakeable();
  wakeable.reset();
  wakeable.wake();
  await wakeable.sleep(LONG_MS);
});

it('forgets it with the next turn', async () => {
  const wakeable = new Wakeable();
  wakeable.wake();
  wakeable.reset();
  const first = await Promise.race([
    wakeable.sleep(LONG_MS).then(() => 'woken'),
    new Promise((r) => setTimeout(r, 20, 'slept')),
  ]);
  expect(first).toBe('slept');
  wakeable.wake();
});
