import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { logFiles, oldestToKeep } from './log-files.ts';

const sizes = (...bytes: number[]) => bytes.map((size, at) => ({ name: `binlog.${at}`, bytes: size }));

test.each<[string, number[], number, string | undefined]>([
  ['none', [], 10, undefined],
  ['as much as there may be', [5, 5, 5], 15, undefined],
  ['a little more', [5, 5, 5], 14, 'binlog.1'],
  ['far more: the last two stay', [5, 5, 5, 5], 1, 'binlog.2'],
  ['two, however large', [500, 500], 1, undefined],
  ['an old one that is large', [100, 1, 1, 1], 50, 'binlog.1'],
])('%s', (_name, bytes, keepBytes, first) => {
  expect(oldestToKeep(sizes(...bytes), keepBytes)).toBe(first);
});

test('are told from everything else, and stand in the order of their numbers', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cotton-logs-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const names = [
    'binlog.1000000',
    'binlog.999999',
    'binlog.index',
    'relay.000001',
    'binlog.~rec~',
    'ibdata1',
  ];
  for (const name of names) await writeFile(join(directory, name), name);
  expect(await logFiles(directory, 'binlog')).toEqual([
    { name: 'binlog.999999', bytes: 13 },
    { name: 'binlog.1000000', bytes: 14 },
  ]);
  expect(await logFiles(directory, 'relay')).toEqual([{ name: 'relay.000001', bytes: 12 }]);
});
