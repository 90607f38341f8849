import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readEpoch, writeEpoch } from './epoch-file.ts';

let volume: string;

beforeEach(async () => {
  volume = await mkdtemp(join(tmpdir(), 'cotton-epoch-'));
});
afterEach(() => rm(volume, { recursive: true }));

it('a new volume has seen nothing', async () => {
  expect(await readEpoch(volume)).toEqual({ format: 1, epoch: 0, epochId: '', ledEpoch: 0, generation: 0 });
});

it('remembers, and leaves nothing else behind', async () => {
  await writeEpoch(volume, { epoch: 3, epochId: 'a', ledEpoch: 2, generation: 6 });
  await writeEpoch(volume, { epoch: 4, epochId: 'b', ledEpoch: 2, generation: 7 });
  expect(await readEpoch(volume)).toEqual({ format: 1, epoch: 4, epochId: 'b', ledEpoch: 2, generation: 7 });
  expect(await readdir(volume)).toEqual(['cotton-epoch.json']);
});

it.each([
  '',
  '{',
  'null',
  '{"format":2,"epoch":1,"epochId":"a","ledEpoch":0}',
  '{"format":1,"epoch":"1","epochId":"a","ledEpoch":0}',
  '{"format":1,"epoch":1,"ledEpoch":0}',
])('never guesses: %j', async (text) => {
  await writeFile(join(volume, 'cotton-epoch.json'), text);
  await expect(readEpoch(volume)).rejects.toMatchObject({ code: 'epoch_file_damaged' });
});
