import type { Log } from '@cotton/log';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { installPackage } from '../installer.ts';
import { tarballInstaller } from './tarball.ts';
import { digestOf } from './unpack.ts';

const { signal } = new AbortController();
const nothing = () => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing };

it('a cached package, packed as MySQL does it, can be used again and again, also after a clearing up', async () => {
  const room = await mkdtemp(join(tmpdir(), 'cotton-tarball-'));
  onTestFinished(() => rm(room, { recursive: true }));
  await mkdir(join(room, 'mysql-9.7.4', 'bin'), { recursive: true });
  const mysqld = '#!/bin/sh\necho "mysqld  Ver 9.7.4 for Linux"\n';
  await writeFile(join(room, 'mysql-9.7.4', 'bin', 'mysqld'), mysqld, { mode: 0o755 });
  const uri = join(room, 'mysql.tar.gz');
  execFileSync('tar', ['-C', room, '-czf', uri, 'mysql-9.7.4']);
  const cache = join(room, 'cache');
  const installer = tarballInstaller({ uri, sha256: await digestOf(uri, signal), cache });
  const install = () => installPackage(installer, { args: null, sandbox: room, log, signal });

  const first = await install();
  expect(first.mysql.version).toBe('9.7.4');
  expect(await install()).toEqual({ ...first, mysql: { ...first.mysql, program: expect.any(Function) } });
  const [program = ''] = first.mysql.mysqld;
  expect(program.startsWith(cache)).toBe(true);
  await rm(program);
  expect((await install()).mysql.mysqld).toEqual(first.mysql.mysqld);
});
