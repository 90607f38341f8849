import { expect, it } from 'vitest';
import { until } from './until.ts';

it('gives what it waited for', async () => {
  const answers = [undefined, null, false, 'here'];
  expect(await until(() => answers.shift(), { pollMs: 0 })).toBe('here');
});

it('waits for an answer that is promised', async () => {
  const answers = [false, true];
  expect(await until(async () => answers.shift(), { pollMs: 0 })).toBe(true);
});

it('says what did not come', async () => {
  await expect(until(() => false, { limitMs: 0, pollMs: 0, what: 'the end' })).rejects.toThrow(
    'not within 0 s: the end',
  );
  await expect(until(() => 1 > 2, { limitMs: 0, pollMs: 0 })).rejects.toThrow('1 > 2');
});

it('hands on at once what the probe throws', async () => {
  await expect(until(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});
