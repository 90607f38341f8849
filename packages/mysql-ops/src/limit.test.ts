import { expect, test } from 'vitest';
import { countdown, sleep, within } from './limit.ts';

test('work in time gives its result', async () => {
  await expect(within({ deadlineMs: 1000 }, Promise.resolve(5))).resolves.toBe(5);
});

test('work that takes too long is given up', async () => {
  await expect(within({ deadlineMs: 10 }, new Promise(() => undefined))).rejects.toMatchObject({
    code: 'deadline',
  });
});

test('work that fails fails as it does', async () => {
  await expect(within({ deadlineMs: 1000 }, Promise.reject(new Error('own')))).rejects.toThrow('own');
});

test('a caller can give up, before and meanwhile', async () => {
  const meanwhile = AbortSignal.timeout(10);
  const never = new Promise(() => undefined);
  await expect(within({ deadlineMs: 1000, signal: meanwhile }, never)).rejects.toMatchObject({
    code: 'aborted',
  });
  await expect(within({ deadlineMs: 1000, signal: AbortSignal.abort() }, never)).rejects.toMatchObject({
    code: 'aborted',
  });
  await expect(sleep(1000, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
});

test('one deadline counts down over several steps', async () => {
  const time = countdown({ deadlineMs: 40 });
  expect(time.left().deadlineMs).toBeLessThanOrEqual(40);
  await time.pause(1000);
  await sleep(5);
  expect(() => time.left()).toThrow(expect.objectContaining({ code: 'deadline' }));
});
