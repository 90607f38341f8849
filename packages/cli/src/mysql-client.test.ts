import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseMember } from './commands/mysql.ts';
import { findMysqlClient, optionFile, runMysql } from './mysql-client.ts';
import { cluster } from './testing.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cotton-mysql-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function program(path: string, script: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

describe('chooseMember', () => {
  const { members } = cluster();
  const [primary, first, second] = members as [(typeof members)[0], (typeof members)[0], (typeof members)[0]];
  const of = (...list: typeof members) => cluster({ members: list });

  it('reads from a replica that has every write', () => {
    expect(chooseMember(of(primary, { ...first, in_sync: false }, second), {}).id).toBe('demo-2');
    expect(chooseMember(of(primary, { ...first, in_sync: false }), {}).id).toBe('demo-1');
    expect(chooseMember(of(primary, { ...first, state: 'UNREACHABLE' }), {}).id).toBe('demo-0');
  });

  it('writes to the primary only', () => {
    expect(chooseMember(cluster(), { write: true }).id).toBe('demo-0');
    expect(() => chooseMember(of(first, second), { write: true })).toThrow('no primary');
    expect(() => chooseMember(cluster(), { write: true, member: 'demo-1' })).toThrow('takes no writes');
    expect(() => chooseMember(cluster(), { member: 'demo-9' })).toThrow('no member demo-9');
  });
});

describe('findMysqlClient', () => {
  it('takes the first on the PATH', async () => {
    const path = await program(join(directory, 'mysql'), '');
    expect(await findMysqlClient(undefined, { PATH: `/nowhere:${directory}` })).toEqual([path]);
    await expect(findMysqlClient(undefined, { PATH: '/nowhere' })).rejects.toMatchObject({
      code: 'no_mysql_client',
    });
  });

  it('runs the client of a package tree through the loader it brings', async () => {
    const manifest = { command: ['lib/ld.so', '--library-path', 'lib:usr/lib'], bin: 'usr/bin' };
    await writeFile(join(directory, 'cotton-mysql.json'), JSON.stringify(manifest));
    expect(await findMysqlClient(directory, {})).toEqual([
      join(directory, 'lib/ld.so'),
      '--library-path',
      `${join(directory, 'lib')}:${join(directory, 'usr/lib')}`,
      join(directory, 'usr/bin/mysql'),
    ]);
  });

  it('says that what was configured is not there', async () =>
    expect(findMysqlClient(join(directory, 'none'), {})).rejects.toMatchObject({ code: 'no_mysql_client' }));
});

describe('runMysql', () => {
  const account = { host: '127.0.0.2', port: 31000, user: 'jane', password: 'a"\\#\n\'b' };

  it('hands the account over without arguments, environment or a file that has a name', async () => {
    await mkdir(join(directory, 'seen'));
    const client = await program(
      join(directory, 'mysql'),
      `readlink /proc/self/fd/3 > ${directory}/seen/name; cat /dev/fd/3 > ${directory}/seen/options; tr '\\0' '\\n' < /proc/$$/cmdline > ${directory}/seen/argv
env > ${directory}/seen/env; exit 3`,
    );
    expect(await runMysql([client], account, ['--execute=SELECT 1'])).toBe(3);
    const seen = (name: string) => readFile(join(directory, 'seen', name), 'utf8');
    expect(await seen('options')).toBe(optionFile(account));
    expect(await seen('name')).toMatch(/ \(deleted\)$/m);
    expect((await seen('argv')).trim().split('\n').slice(-2)).toEqual([
      '--defaults-file=/dev/fd/3',
      '--execute=SELECT 1',
    ]);
    for (const name of ['argv', 'env']) expect(await seen(name)).not.toContain('a"');
  });

  it('writes passwords as option files want them', () =>
    expect(optionFile(account)).toContain(String.raw`password="a\"\\#\n'b"`));

  it('survives a client that reads nothing, and names its signal', async () => {
    const client = await program(join(directory, 'mysql'), 'exec 3<&-; kill -TERM $$');
    expect(await runMysql([client], account, [])).toBe(143);
  });
});
