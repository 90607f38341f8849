import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, cluster, World } from '../src/testing.ts';
import { Mysqld, PASSWORD } from './mysqld.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');

let mysqld: Mysqld;
let world: World;
let passwordFile: string;

beforeAll(async () => {
  mysqld = await Mysqld.start();
  const [primary] = cluster().members;
  world = await World.create(() =>
    answer(cluster({ members: [{ ...primary!, host: '127.0.0.1', port: mysqld.port }] })),
  );
  passwordFile = join(world.home, 'password');
  await writeFile(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
});
afterAll(async () => {
  await world.close();
  await mysqld.stop();
});

/** Runs the real command against the real server. */
function cotton(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const argv = ['--conditions=@cotton/source', MAIN, 'mysql', 'demo', ...args];
  const env = { ...process.env, HOME: world.home, COTTON_API: world.url, COTTON_MYSQL: mysqld.tree };
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { env, timeout: 30_000 }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

describe('cotton mysql', () => {
  it('connects with a password of the worst kind and leaves no file behind', async () => {
    const before = new Set(await readdir(tmpdir()));
    const sql = "SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', 1)";
    const { code, out, err } = await cotton('--password-file', passwordFile, '-e', sql, '--', '-N');
    expect({ code, out: out.trim(), err }).toEqual({ code: 0, out: 'jane', err: '' });
    const left = (await readdir(tmpdir())).filter(
      (name) => !before.has(name) && /^cotton-......$/.test(name),
    );
    expect(left).toEqual([]);
  });

  it('reads unless told to write', async () => {
    const insert = ['--password-file', passwordFile, '-e', 'INSERT INTO demo.t VALUES (1)'];
    const refused = await cotton(...insert);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('READ ONLY transaction');
    expect(await cotton(...insert, '--write')).toMatchObject({ code: 0, err: '' });
    const { out } = await cotton(
      '--password-file',
      passwordFile,
      '-D',
      'demo',
      '-e',
      'SELECT id FROM t',
      '--',
      '-N',
    );
    expect(out.trim()).toBe('1');
  });

  it('says that it lacks the password, and passes on that it is wrong', async () => {
    expect(await cotton('-e', 'SELECT 1')).toMatchObject({
      code: 5,
      err: expect.stringContaining('--password-file'),
    });
    await writeFile(join(world.home, 'wrong'), 'wrong');
    const { code, err } = await cotton('--password-file', join(world.home, 'wrong'), '-e', 'SELECT 1');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('Access denied') });
  });
});
