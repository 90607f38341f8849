import type { Log } from '@cotton/log';
import { ensureMysql } from '@cotton/setup';
import { openMysqlTree } from '@cotton/mysql-ops';
import { chmod, chown, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type MysqldPlace, mysqldUser } from '../src/mysqld-user.ts';

const isRoot = process.getuid?.() === 0;
const ROOT = { uid: 0, gid: 0 };
const NOBODY = { uid: 65_534, gid: 65_534 };
const SOMEBODY = { uid: 12_345, gid: 12_345 };
const nothing = () => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing };

describe('an executor of root runs mysqld as', () => {
  let place: MysqldPlace;
  const modeOf = async (path: string) => (await stat(path)).mode & 0o7777;
  const make = async (path: string, { uid, gid } = ROOT) => {
    await mkdir(path);
    await chown(path, uid, gid);
  };

  /** With filesystem/linux the volume is mounted in the sandbox, which is for the framework's user alone. */
  beforeEach(async ({ skip }) => {
    skip(!isRoot, 'only root can run mysqld as somebody else');
    const room = await mkdtemp(join(tmpdir(), 'cotton-user-'));
    onTestFinished(() => rm(room, { recursive: true }));
    await chmod(room, 0o755);
    const sandbox = join(room, 'sandbox');
    const volume = join(sandbox, 'volume');
    await mkdir(sandbox, { mode: 0o750 });
    place = { sandbox, volume, installation: await openMysqlTree((await ensureMysql()).root) };
  });

  test('nobody, who may then pass through the sandbox and read nothing of it', async () => {
    await make(place.volume);
    expect(await mysqldUser(place, log)).toEqual(NOBODY);
    expect(await modeOf(place.sandbox)).toBe(0o751);
  });

  test('the owner of the volume, or of the data', async () => {
    await make(place.volume);
    await make(join(place.volume, 'data'), SOMEBODY);
    expect(await mysqldUser(place, log)).toEqual(SOMEBODY);
    await chown(place.volume, NOBODY.uid, NOBODY.gid);
    expect(await mysqldUser(place, log)).toEqual(NOBODY);
  });

  test('root, where the owner of the data could not reach them', async () => {
    const closed = join(place.sandbox, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const volume = join(closed, 'volume');
    await make(volume);
    await make(join(volume, 'data'), SOMEBODY);
    expect(await mysqldUser({ ...place, volume }, log)).toEqual(ROOT);
    expect(await modeOf(closed)).toBe(0o700);
  });

  test('root, where the data are root’s', async () => {
    await make(place.volume);
    await make(join(place.volume, 'data'));
    expect(await mysqldUser(place, log)).toEqual(ROOT);
  });

  test('root, where the sandbox is somebody else’s: it stays as it is', async () => {
    await make(place.volume);
    await chown(place.sandbox, SOMEBODY.uid, SOMEBODY.gid);
    expect(await mysqldUser(place, log)).toEqual(ROOT);
    expect(await modeOf(place.sandbox)).toBe(0o750);
  });
});
