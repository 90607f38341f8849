import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

/** Logs on a disk that is full (/dev/full), then on one that takes a part of a line, then on one with room. */
const SCRIPT = `
  import { spawnSync } from 'node:child_process';
  import { closeSync, openSync } from 'node:fs';
  const { createLog } = await import(process.argv[1]);
  const log = createLog({ level: 'info' });
  for (let i = 0; i < 3; i++) log.info({ i }, 'nowhere to go');
  log.fatal('nor has this');
  await new Promise((resolve) => setTimeout(resolve, 100));
  closeSync(2);
  if (openSync(process.argv[2], 'a') !== 2) throw new Error('not standard error');
  const limit = (bytes) => {
    const { status } = spawnSync('prlimit', ['--pid', String(process.pid), '--fsize=' + bytes + ':']);
    if (status !== 0) throw new Error('prlimit ended with ' + status);
  };
  limit(1024);
  log.info('x'.repeat(2000));
  limit('unlimited');
  log.info('room again');
`;

test('a full disk under the log ends nothing, and what comes after it is logged', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cotton-log-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'stderr');
  const full = openSync('/dev/full', 'w');
  const source = join(import.meta.dirname, '../src/index.ts');
  const child = spawn(
    process.execPath,
    ['--conditions=@cotton/source', '--input-type=module', '--eval', SCRIPT, source, file],
    { stdio: ['ignore', 'ignore', full], timeout: 50_000, killSignal: 'SIGKILL' },
  );
  closeSync(full);
  expect(await once(child, 'exit')).toEqual([0, null]);
  const [torn, whole, ...more] = (await readFile(file, 'utf8')).trim().split('\n');
  expect(torn).toHaveLength(1024);
  expect(JSON.parse(whole ?? '')).toMatchObject({ msg: 'room again' });
  expect(more).toEqual([]);
});
