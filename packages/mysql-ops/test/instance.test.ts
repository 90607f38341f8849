import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ensureAccounts,
  marker,
  type MysqlInstallation,
  MysqlServer,
  openForWrites,
  planMemory,
  position,
  prepareDataDirectory,
  primaryState,
  probe,
  sampleStatistics,
  WITHHELD,
} from '../src/index.ts';
import {
  APP,
  cleanUp,
  CLUSTER,
  freePort,
  Instance,
  LIMIT,
  makeRoom,
  openInstallation,
  REPLICATION,
} from './support.ts';

let room: string;
let installation: MysqlInstallation;
beforeAll(async () => {
  room = await makeRoom();
  installation = await openInstallation();
});

describe('one instance, in a folder whose name alone is longer than a socket path', () => {
  let one: Instance;
  beforeAll(async () => {
    const volume = join(room, 'x'.repeat(100), 'y'.repeat(100), 'volume');
    one = await Instance.boot(room, 1, { volume, overlays: ['[mysqld]\nmax_connections = 33\n'] });
  });
  afterAll(() => cleanUp(join(room, 'x'.repeat(100)), [one]));

  test('comes up closed, out of the template, with an identity of its own', async () => {
    expect(one.options.data).toMatchObject({ origin: 'template' });
    expect(await primaryState(one.admin, LIMIT)).toMatchObject({
      writable: false,
      ackCount: 1,
      semiSyncActive: true,
    });
    expect((await position(one.admin, LIMIT)).executed).toBe('');
    await expect(marker(one.admin, LIMIT)).rejects.toMatchObject({ code: 'statement_failed', errno: 1290 });
  });

  test('keeps its secrets to itself', async () => {
    const run = await readdir(join(one.options.data.volume, 'run'));
    expect(run).toEqual(['my.cnf']);
    const root = { user: 'root', password: '' };
    await expect(one.connect(root)).rejects.toMatchObject({ code: 'ER_HOST_NOT_PRIVILEGED' });
  });

  test('takes the overlay', async () => {
    expect(await sampleStatistics(one.admin, LIMIT)).toMatchObject({ maxConnections: 33 });
  });

  test('its user gets everything but what could undo the rules', async () => {
    await one.becomeFirstPrimary();
    await one.asUser(async (user) => {
      for (const sql of [
        "CREATE USER u1 IDENTIFIED BY 'x'",
        'CREATE DATABASE d',
        'CREATE TABLE d.t (a INT PRIMARY KEY)',
      ]) {
        await user.query(sql);
      }
      for (const sql of [
        'SET sql_log_bin = 0',
        'SET GLOBAL super_read_only = OFF',
        'SET GLOBAL rpl_semi_sync_source_enabled = OFF',
        'STOP REPLICA',
        'RESET BINARY LOGS AND GTIDS',
        'SHUTDOWN',
        "DELETE FROM mysql.user WHERE user = 'app'",
        'DELETE FROM cotton.marker',
        `DROP USER '${REPLICATION.user}'@'%'`,
        'DROP USER cotton_admin@localhost',
        "GRANT REPLICATION SLAVE ON *.* TO 'u1'@'%'",
      ]) {
        await expect(user.query(sql), sql).rejects.toMatchObject({
          code: expect.stringMatching(/DENIED|ACCESS/),
        });
      }
      const [grants] = await user.query('SHOW GRANTS');
      const given = JSON.stringify(grants).split(/GRANT |,|"| ON /);
      for (const privilege of Object.keys(WITHHELD)) expect(given).not.toContain(privilege);
    });
  });

  test('accounts as planned are not written again', async () => {
    const before = (await position(one.admin, LIMIT)).executed;
    await ensureAccounts(one.admin, { ...APP, replicationAccounts: [REPLICATION] }, LIMIT);
    expect((await position(one.admin, LIMIT)).executed).toBe(before);
  });

  test.each([
    `quote'"\`\\'; DROP TABLE x; --`,
    'line\nbreak\ttab',
    'emoji 😀 ünï',
    '\u{1}\u{7f}',
    'x'.repeat(213),
  ])('password %j logs in', async (password) => {
    await ensureAccounts(one.admin, { user: "we'ird", password, replicationAccounts: [] }, LIMIT);
    const me = await one.asUser((user) => user.query('SELECT CURRENT_USER() AS me'), {
      user: "we'ird",
      password,
    });
    expect(me[0]).toEqual([{ me: "we'ird@%" }]);
  });

  test.each([
    ['app', ''],
    ['app', 'a\0b'],
    ['app', 'é'.repeat(107)],
    ['cotton_admin', 'x'],
    ['', 'x'],
    ['u'.repeat(33), 'x'],
  ])('account %j with password %j is refused', async (user, password) => {
    const ensured = ensureAccounts(one.admin, { user, password, replicationAccounts: [] }, LIMIT);
    await expect(ensured).rejects.toMatchObject({ code: 'bad_account' });
  });

  test('statistics count statements, and the probe answers', async () => {
    const before = await sampleStatistics(one.admin, LIMIT);
    await one.asUser((user) => user.query('SELECT 1'));
    const after = await sampleStatistics(one.admin, LIMIT);
    expect(after.selects).toBeGreaterThan(before.selects);
    expect(after.bytesSent).toBeLessThan(10_000_000);
    expect(await probe(one.admin, { deadlineMs: 1000 })).toMatchObject({ alive: true, readOnly: false });
  });

  test('a frozen mysqld fails the probe in time, and answers again when it thaws', async () => {
    process.kill(one.server.pid, 'SIGSTOP');
    const frozen = await probe(one.admin, { deadlineMs: 300 });
    process.kill(one.server.pid, 'SIGCONT');
    expect(frozen).toMatchObject({ alive: false });
    await expect.poll(async () => (await probe(one.admin, { deadlineMs: 1000 })).alive).toBe(true);
  });

  test('a caller can give a call up', async () => {
    const signal = AbortSignal.timeout(50);
    await one.admin.on('steps', LIMIT, async (session) => {
      await expect(session.rows('SELECT SLEEP(5)', [], { ...LIMIT, signal })).rejects.toMatchObject({
        code: 'aborted',
      });
    });
    expect((await position(one.admin, LIMIT)).executed).not.toBe('');
  });

  test('an orderly stop is one even with a session left open, and the data are reused', async () => {
    const idle = await one.connect();
    idle.on('error', () => undefined);
    const before = await position(one.admin, LIMIT);
    const startedAt = performance.now();
    const stopped = await one.server.stopOrderly(LIMIT);
    expect(stopped).toMatchObject({ orderly: true, code: 0, expected: true });
    expect(performance.now() - startedAt).toBeLessThan(8000);
    await one.restart();
    expect(one.server.options.data.origin).toBe('reused');
    expect(await position(one.admin, LIMIT)).toMatchObject({
      serverUuid: before.serverUuid,
      executed: before.executed,
    });
    expect(one.admin.incarnation).toBe(2);
  });

  test('a stop with a writer waiting for its acknowledgement is a kill', async () => {
    await openForWrites(one.admin, { ackCount: 1, stillWanted: () => true }, LIMIT);
    await expect(marker(one.admin, { deadlineMs: 200 })).rejects.toMatchObject({ code: 'deadline' });
    const stopped = await one.server.stopOrderly({ deadlineMs: 3000 });
    expect(stopped).toMatchObject({ orderly: false, signal: 'SIGKILL' });
  });
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
    const settings = (await settingsLike()).settings;
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
    expect(await readFile(join(data.volume, 'identity.json'), 'utf8')).toContain(CLUSTER);
  });
});

afterAll(() => rm(room, { recursive: true, force: true }));

async function settingsLike(name = 'unused') {
  const volume = join(room, name);
  await mkdir(volume, { recursive: true });
  const data = await Instance.prepare(volume, 'demo-8', installation);
  const settings = { serverId: 8, bindAddress: '127.0.0.1', port: await freePort(), bootAckCount: 1 };
  return { data, settings: { ...settings, memory: planMemory({ taskMb: 512 }) } };
}
