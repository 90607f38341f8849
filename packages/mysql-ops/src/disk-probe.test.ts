import { execFile } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { probeDisk } from './disk-probe.ts';

const LIMIT = { deadlineMs: 5_000 };
/** More than the threads that this process has for files. */
const PROBES = 8;

let volume: string;
beforeEach(async () => {
  volume = await mkdtemp(join(tmpdir(), 'cotton-disk-probe-'));
});
afterEach(() => rm(volume, { recursive: true, force: true }));

test('a volume that takes writes is alive, one that is gone is not', async () => {
  expect(await probeDisk(volume, LIMIT)).toMatchObject({ alive: true });
  expect(await probeDisk(join(volume, 'gone'), LIMIT)).toMatchObject({
    alive: false,
    reason: expect.stringContaining('ENOENT'),
  });
});

test('while a write hangs it is not alive, and the rest of the process goes on', async () => {
  const file = join(volume, 'probe');
  // Opening a pipe for writing hangs until somebody reads it.
  await promisify(execFile)('mkfifo', [file]);
  for (let i = 0; i < PROBES; i++)
    expect(await probeDisk(volume, { deadlineMs: 20 })).toMatchObject({ alive: false });
  expect(await readFile('/proc/self/stat', 'utf8')).not.toBe('');
  const reader = await open(file, 'r+');
  await rm(file);
  await expect.poll(async () => (await probeDisk(volume, LIMIT)).alive).toBe(true);
  await reader.close();
});
