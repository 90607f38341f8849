import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hostMysqld } from './mysql-host.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cotton-path-'));
  vi.stubEnv('PATH', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function installMysqld(versionLine: string): Promise<string> {
  const program = join(folder, 'mysqld');
  await writeFile(program, `#!/bin/sh\necho '${versionLine}'\n`);
  await chmod(program, 0o755);
  return program;
}

describe('hostMysqld', () => {
  it('finds none where there is none', async () => {
    expect(await hostMysqld()).toBeUndefined();
  });

  it.each([
    ['mysqld  Ver 8.4.0 for Linux on x86_64 (MySQL Community Server - GPL)', '8.4.0'],
    ['/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))', '9.7.4'],
    ['/usr/sbin/mysqld  Ver 10.0.1 for Linux on x86_64 (MySQL Community Server - GPL)', '10.0.1'],
  ])('uses %s', async (line, version) => {
    const program = await installMysqld(line);
    expect(await hostMysqld()).toEqual({ program, version });
  });

  it.each([
    'mysqld  Ver 8.0.43 for Linux on x86_64 (MySQL Community Server - GPL)',
    'mysqld  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)',
    'no version at all',
  ])('leaves %s alone', async (line) => {
    await installMysqld(line);
    expect(await hostMysqld()).toBeUndefined();
  });
});
