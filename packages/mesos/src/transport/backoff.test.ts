import { expect, it } from 'vitest';
import { Backoff } from './backoff.ts';

it('grows to its limit, with jitter, and starts over after a success', () => {
  let random = 1;
  const backoff = new Backoff({ firstMs: 100, maxMs: 1000, random: () => random });
  expect(Array.from({ length: 6 }, () => backoff.nextMs())).toEqual([100, 200, 400, 800, 1000, 1000]);
  random = 0;
  expect(backoff.nextMs()).toBe(500);
  backoff.reset();
  expect(backoff.nextMs()).toBe(50);
});
