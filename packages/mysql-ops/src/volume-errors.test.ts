import { expect, test } from 'vitest';
import { onVolume } from './volume-errors.ts';

test.each([
  ['ENOSPC', 'volume_full'],
  ['EDQUOT', 'volume_full'],
  ['EROFS', 'volume_read_only'],
  ['EACCES', 'volume_read_only'],
])('%s becomes %s', async (code, ours) => {
  const failure = Object.assign(new Error('no'), { code });
  await expect(onVolume('/volume', Promise.reject(failure))).rejects.toMatchObject({
    code: ours,
    cause: failure,
  });
});

test('other errors pass as they are', async () => {
  const failure = Object.assign(new Error('no'), { code: 'EIO' });
  await expect(onVolume('/volume', Promise.reject(failure))).rejects.toBe(failure);
});
