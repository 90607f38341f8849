import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { beginErrorLog, readTail, tailOf } from './error-log.ts';
import { volumeErrorIn } from './volume-errors.ts';

const LINE = '2026-11-22T01:15:26.612583Z 0 [System] [MY-015015] [Server] MySQL Server - start.';
const ERROR =
  "2026-11-22T01:15:26.612583Z 0 [ERROR] [MY-010262] [Server] Can't start server: Bind on TCP/IP port";

test('errors come before everything else, without their time stamps', () => {
  expect(tailOf(`${LINE}\n${ERROR}\n${LINE}\n`)).toBe(
    "[ERROR] [MY-010262] [Server] Can't start server: Bind on TCP/IP port",
  );
});

test('without errors the last lines speak', () => {
  expect(tailOf(`${LINE}\nSegmentation fault\n`)).toBe(
    '[System] [MY-015015] [Server] MySQL Server - start.\nSegmentation fault',
  );
});

test('a crash is told, what every killed mysqld says is not', () => {
  const harmless =
    "2026-11-22T01:15:26Z 0 [ERROR] [MY-011947] [InnoDB] Cannot open 'ib_buffer_pool' for reading";
  const crash = '2026-11-22T01:15:27Z UTC - mysqld got signal 11 ;';
  expect(tailOf(`${harmless}\n${crash}\nstack\n`)).toBe(crash);
  expect(tailOf(`${harmless}\nlast words\n`)).toBe('last words');
});

test('a tail is short', () => {
  expect(tailOf('x'.repeat(100_000)).length).toBeLessThanOrEqual(2000);
  expect(tailOf('')).toBe('');
});

test('only this incarnation’s part of the file counts', async () => {
  const room = await mkdtemp(join(tmpdir(), 'cotton-error-log-'));
  onTestFinished(() => rm(room, { recursive: true }));
  const file = join(room, 'error.log');
  await writeFile(file, `${ERROR}\n`);
  const log = await beginErrorLog(file);
  expect(await readTail(log)).toBe('');
  await writeFile(file, 'now\n', { flag: 'a' });
  expect(await readTail(log)).toBe('now');
  expect(await readTail(await beginErrorLog(join(room, 'none')))).toBe('');
});

test.each([
  ['[ERROR] [InnoDB] Error number 28 means No space left on device', 'volume_full'],
  ["Can't create file (OS errno 28 - No space left on device)", 'volume_full'],
  ["Can't open (Errcode: 30 - Read-only file system)", 'volume_read_only'],
  ['port 2830 is taken', undefined],
])('%s: %s', (log, code) => expect(volumeErrorIn(log)).toBe(code));
