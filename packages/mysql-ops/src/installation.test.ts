import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findHostMysql, openMysqlTree } from './installation.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cotton-installation-'));
  await mkdir(join(root, 'bin'));
});
afterEach(() => rm(root, { recursive: true }));

/** A program that answers `--version` as some mysqld does. */
async function mysqldSaying(answer: string, exitCode = 0): Promise<void> {
  const file = join(root, 'bin/mysqld');
  await writeFile(file, `#!/bin/sh\necho "${answer}"\nexit ${exitCode}\n`);
  await chmod(file, 0o755);
}

const MYSQL = '/x/mysqld  Ver 8.4.6 for Linux on x86_64 (MySQL Community Server - GPL)';

test('MySQL’s own tarball needs no manifest', async () => {
  await mysqldSaying(MYSQL);
  const found = await openMysqlTree(root);
  expect(found).toMatchObject({
    version: '8.4.6',
    mysqld: [join(root, 'bin/mysqld')],
    basedir: root,
    template: undefined,
  });
  expect(found.program('mysqldump')).toEqual([join(root, 'bin/mysqldump')]);
});

test('a manifest’s paths are relative to it, also those of the loader', async () => {
  await mysqldSaying(MYSQL);
  await writeFile(join(root, 'loader'), '#!/bin/sh\nshift 2\nexec "$@"\n');
  await chmod(join(root, 'loader'), 0o755);
  const manifest = {
    ...{
      version: '8.4.6',
      command: ['loader', '--library-path', 'lib:lib64'],
      mysqld: 'bin/mysqld',
      bin: 'bin',
    },
    ...{ basedir: '.', plugins: 'plugins', messages: 'share', template: 'template' },
  };
  await writeFile(join(root, 'cotton-mysql.json'), JSON.stringify(manifest));
  const found = await openMysqlTree(root);
  const prefix = [join(root, 'loader'), '--library-path', `${join(root, 'lib')}:${join(root, 'lib64')}`];
  expect(found.mysqld).toEqual([...prefix, join(root, 'bin/mysqld')]);
  expect(found.program('mysql')).toEqual([...prefix, join(root, 'bin/mysql')]);
  expect(found.template).toBe(join(root, 'template'));
});

test.each([
  'not json',
  '{}',
  '{"mysqld":"/usr/sbin/mysqld","bin":"b","basedir":".","plugins":"p","messages":"m"}',
])('manifest %s is refused', async (text) => {
  await writeFile(join(root, 'cotton-mysql.json'), text);
  await expect(openMysqlTree(root)).rejects.toMatchObject({ code: 'installation_invalid' });
});

test('an empty tree is refused', async () => {
  await expect(openMysqlTree(root)).rejects.toMatchObject({ code: 'installation_invalid' });
});

test.each([
  ['mysqld  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64', 0, 'mysql_unsuitable'],
  ['mysqld  Ver 8.0.40 for Linux on x86_64 (MySQL Community Server - GPL)', 0, 'mysql_unsuitable'],
  ['mysqld  Ver 5.7.44 for Linux', 0, 'mysql_unsuitable'],
  ['cannot open shared object file', 127, 'installation_invalid'],
])('the host’s %s, exit %i: %s', async (answer, exitCode, code) => {
  await mysqldSaying(answer, exitCode);
  await expect(findHostMysql(join(root, 'bin'))).rejects.toMatchObject({ code });
});

test('the host’s mysqld is found on the path', async () => {
  await mysqldSaying(MYSQL);
  expect(await findHostMysql(`/nowhere::${join(root, 'bin')}`)).toMatchObject({ version: '8.4.6' });
  await expect(findHostMysql('/nowhere')).rejects.toMatchObject({ code: 'installation_invalid' });
});
