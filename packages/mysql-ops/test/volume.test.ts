import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type MysqlInstallation,
  MysqlServer,
  planMemory,
  position,
  prepareDataDirectory,
} from '../src/index.ts';
import { CLUSTER, freePort, Instance, LIMIT, makeRoom, openInstallation } from './support.ts';

let room: string;
let installation: MysqlInstallation;
beforeAll(async () => {
  room = await makeRoom();
  installation = await openInstallation();
});

describe('preparing a volume', () => {
  const identity = { clusterUid: CLUSTER, instance: 'demo-7' };
  const fresh = async (name: string) => {
    const volume = join(room, name);
    await mkdir(volume, { recursive: true });
    return volume;
  };

  test('nothing of the template’s maker survives', async () => {
    const volume = await fresh('identity');
    const { path } = await prepareDataDirectory({ volume, installation, identity });
    expect((await readdir(path)).filter((name) => /auto\.cnf|binlog|\.pem|\.sock/.test(name))).toEqual([]);
  });

  test('another cluster’s volume is left alone', async () => {
    const volume = await fresh('foreign');
    await prepareDataDirectory({ volume, installation, identity });
    const other = { ...identity, clusterUid: 'c0ffee00-0000-4000-8000-000000000002' };
    const before = await stat(join(volume, 'data'));
    const prepared = prepareDataDirectory({ volume, installation, identity: other });
    await expect(prepared).rejects.toMatchObject({ code: 'volume_foreign' });
    expect((await stat(join(volume, 'data'))).ino).toBe(before.ino);
  });

  test('data without an identity are somebody else’s', async () => {
    const volume = await fresh('unknown');
    await mkdir(join(volume, 'data'));
    const prepared = prepareDataDirectory({ volume, installation, identity });
    await expect(prepared).rejects.toMatchObject({ code: 'volume_foreign' });
  });

  test('what a crash left half copied is made again', async () => {
    const volume = await fresh('half');
    await mkdir(join(volume, 'data.unfinished'), { recursive: true });
    await writeFile(join(volume, 'data.unfinished', 'ibdata1'), 'half');
    const { path, origin } = await prepareDataDirectory({ volume, installation, identity });
    expect(origin).toBe('template');
    expect((await stat(join(path, 'ibdata1'))).size).toBeGreaterThan(1_000_000);
    expect(await readdir(volume)).not.toContain('data.unfinished');
  });

  test('a volume that takes no files is reported as such', async () => {
    const prepared = prepareDataDirectory({ volume: '/sys', installation, identity });
    await expect(prepared).rejects.toMatchObject({ code: 'volume_read_only' });
  });

  test('without a template it initialises, and the result starts', async () => {
    const volume = await fresh('scratch');
    const bare = { ...installation, template: undefined };
    const data = await prepareDataDirectory({ volume, installation: bare, identity });
    expect(data.origin).toBe('initialised');
    const settings = (await settingsLike('unused')).settings;
    const server = await MysqlServer.start({ installation: bare, data, settings });
    const admin = await server.waitUntilServing();
    expect((await position(admin, LIMIT)).executed).toBe('');
    await server.kill();
  });

  test('an initialisation that is given up leaves no data directory', async () => {
    const volume = await fresh('given-up');
    const bare = { ...installation, template: undefined };
    const signal = AbortSignal.timeout(300);
    const prepared = prepareDataDirectory({ volume, installation: bare, identity, signal });
    await expect(prepared).rejects.toMatchObject({ code: 'aborted' });
    expect(await readdir(volume)).not.toContain('data');
  });
});

describe('a mysqld that does not start', () => {
  let squatter: Server | undefined;
  afterAll(() => void squatter?.close());

  test('says why: its port is taken', async () => {
    const { data, settings } = await settingsLike('taken');
    squatter = createServer().listen(settings.port, '127.0.0.1');
    const server = await MysqlServer.start({ installation, data, settings });
    await expect(server.waitUntilServing()).rejects.toMatchObject({
      code: 'start_failed',
      message: expect.stringMatching(/address already in use/i),
    });
    expect(await server.exited).toMatchObject({ code: 1, expected: false });
  });

  test('says why: a setting that does not exist', async () => {
    const { data, settings } = await settingsLike('unknown-setting');
    const overlays = ['[mysqld]\nno_such_setting = 1\n'];
    const server = await MysqlServer.start({ installation, data, settings: { ...settings, overlays } });
    const message = expect.stringContaining('no_such_setting');
    await expect(server.waitUntilServing()).rejects.toMatchObject({ code: 'start_failed', message });
  });

  test('is given up when it stands still, not when it is slow', async () => {
    const { data, settings } = await settingsLike('stalled');
    const server = await MysqlServer.start({ installation, data, settings });
    process.kill(server.pid, 'SIGSTOP');
    await expect(server.waitUntilServing({ stalledMs: 1500 })).rejects.toMatchObject({
      code: 'start_stalled',
    });
    await server.kill();
  });

  test('is not even tried with a setting that Cotton owns', async () => {
    const { data, settings } = await settingsLike('refused');
    const overlays = ['[mysqld]\nskip-log-bin\n'];
    const started = MysqlServer.start({ installation, data, settings: { ...settings, overlays } });
    await expect(started).rejects.toMatchObject({ code: 'config_refused' });
    await expect(stat(join(data.volume, 'incarnation'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

afterAll(() => rm(room, { recursive: true, force: true }));

async function settingsLike(name: string) {
  const volume = join(room, name);
  await mkdir(volume, { recursive: true });
  const data = await Instance.prepare(volume, 'demo-8', installation);
  const settings = { serverId: 8, bindAddress: '127.0.0.1', port: await freePort(), bootAckCount: 1 };
  return { data, settings: { ...settings, memory: planMemory({ taskMb: 512 }), diskMb: 2048 } };
}
