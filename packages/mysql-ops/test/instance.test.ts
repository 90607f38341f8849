import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ensureAccounts,
  killClientSessions,
  marker,
  openForWrites,
  position,
  primaryState,
  probe,
  sampleStatistics,
  WITHHELD,
} from '../src/index.ts';
import { APP, cleanUp, Instance, LIMIT, makeRoom, REPLICATION } from './support.ts';
import { Admin } from '../src/admin.ts';
import { stopEventScheduler } from '../src/events.ts';

const CONNECTED = 'SELECT COUNT(*) AS connected FROM information_schema.PROCESSLIST';

describe('one instance, in a folder whose name alone is longer than a socket path', () => {
  let room: string;
  let one: Instance;
  beforeAll(async () => {
    room = await makeRoom();
    const volume = join(room, 'x'.repeat(100), 'y'.repeat(100), 'volume');
    one = await Instance.boot(room, 1, { volume, overlays: ['[mysqld]\nmax_connections = 33\n'] });
  });
  afterAll(() => cleanUp(room, [one].filter(Boolean)));

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
    const administration = await one.admin.on('observe', LIMIT, (session) =>
      session.row('SELECT CONNECTION_ID() AS connectionId', [], LIMIT),
    );
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
        // Nor become one of Cotton's accounts, nor make one do something.
        "GRANT 'cotton_admin'@'localhost' TO 'app'@'%'",
        `GRANT '${REPLICATION.user}'@'%' TO 'u1'@'%'`,
        "GRANT PROXY ON 'cotton_admin'@'localhost' TO 'app'@'%'",
        "ALTER USER cotton_admin@localhost IDENTIFIED BY 'x'",
        `ALTER USER '${REPLICATION.user}'@'%' IDENTIFIED BY 'x' RETAIN CURRENT PASSWORD`,
        `RENAME USER '${REPLICATION.user}'@'%' TO u2`,
        `GRANT 'u1'@'%' TO '${REPLICATION.user}'@'%'`,
        'CREATE DEFINER = cotton_admin@localhost PROCEDURE d.p() SET GLOBAL super_read_only = OFF',
        `CREATE DEFINER = '${REPLICATION.user}'@'%' PROCEDURE d.p() DO 1`,
        `KILL ${administration.connectionId}`,
        // Nor choose a GTID, nor what the binary log gets, for itself or for others.
        "SET GTID_NEXT = 'aaaaaaaa-0000-4000-8000-000000000000:1'",
        "SET GTID_NEXT = 'AUTOMATIC'",
        "SET GLOBAL gtid_purged = ''",
        "SET binlog_format = 'STATEMENT'",
        "SET binlog_row_image = 'MINIMAL'",
        'SET pseudo_replica_mode = ON',
        'SET GLOBAL offline_mode = ON',
        "SET PERSIST sync_binlog = '0'",
        "UPDATE performance_schema.variables_by_thread SET VARIABLE_VALUE = 'OFF' WHERE VARIABLE_NAME = 'sql_log_bin'",
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

  test('a replica’s account that its user made in advance, as a role and with passwords, is made anew', async () => {
    const own = { user: 'cotton_repl_7', password: 'own' };
    const [mine, later] = ['mine', 'later'].map((password) => ({ ...own, password }));
    await one.asUser(async (user) => {
      for (const sql of [
        "CREATE USER 'cotton_repl_7'@'%' IDENTIFIED BY 'mine'",
        "ALTER USER 'cotton_repl_7'@'%' IDENTIFIED BY 'later' RETAIN CURRENT PASSWORD",
        "CREATE USER 'cotton_repl_7'@'127.0.0.1' IDENTIFIED BY 'mine'",
        "GRANT 'cotton_repl_7'@'%' TO 'app'@'%' WITH ADMIN OPTION",
      ])
        await user.query(sql);
    });
    const session = await one.connect(mine);
    session.on('error', () => undefined);
    await ensureAccounts(one.admin, { ...APP, replicationAccounts: [own] }, LIMIT);
    await expect(session.query('DO 1')).rejects.toThrow();
    for (const account of [mine, later])
      await expect(one.connect(account)).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
    await one.asUser((user) => user.query('DO 1'), own);
    await one.asUser((user) =>
      expect(user.query("SET ROLE 'cotton_repl_7'@'%'")).rejects.toMatchObject({
        code: 'ER_ROLE_NOT_GRANTED',
      }),
    );
  });

  test('a client that reads accounts in a transaction keeps no replica from getting its own', async () => {
    const reader = await one.connect();
    reader.on('error', () => undefined);
    await reader.query('BEGIN');
    await reader.query('SELECT user FROM mysql.user');
    const own = { user: 'cotton_repl_8', password: 'own' };
    await ensureAccounts(one.admin, { ...APP, replicationAccounts: [own] }, LIMIT);
    await one.asUser((user) => user.query('DO 1'), own);
    await expect(reader.query('DO 1')).rejects.toThrow();
  });

  test('what is broken off leaves no account table locked', async () => {
    for (let ms = 0; ms < 20; ms++) {
      const replicationAccounts = [{ user: `cotton_repl_${200 + ms}`, password: 'own' }];
      const signal = AbortSignal.timeout(ms);
      await ensureAccounts(one.admin, { ...APP, replicationAccounts }, { ...LIMIT, signal }).catch(() => {});
      const [rows] = await one.asUser((user) => user.query('SELECT COUNT(*) FROM mysql.user'));
      expect(rows).toHaveLength(1);
    }
  });

  test('nobody is quick enough to grant itself a replica’s account while it is made', async () => {
    const replicationAccounts = Array.from({ length: 10 }, (_, i) => ({
      user: `cotton_repl_${100 + i}`,
      password: 'own',
    }));
    let over = false;
    const grabbing = replicationAccounts.map(({ user: name }) =>
      one.asUser(async (user) => {
        while (!over) await user.query(`GRANT '${name}'@'%' TO 'app'@'%'`).catch(() => undefined);
      }),
    );
    await ensureAccounts(one.admin, { ...APP, replicationAccounts }, LIMIT).finally(() => (over = true));
    await Promise.all(grabbing);
    const [roles] = await one.asUser((user) => user.query('SELECT * FROM mysql.role_edges'));
    expect(roles).toEqual([]);
  });

  test('a client is one under any name', async () => {
    const names = ['cotton_admin', 'system user', 'event_scheduler'];
    await one.asUser(async (user) => {
      for (const name of names) await user.query("CREATE USER ?@'%' IDENTIFIED BY 'x'", [name]);
    });
    const clients = await Promise.all(names.map((user) => one.connect({ user, password: 'x' })));
    for (const client of clients) client.on('error', () => undefined);
    await killClientSessions(one.admin, LIMIT);
    for (const client of clients) await expect(client.query('DO 1')).rejects.toThrow();
    expect(await probe(one.admin, { deadlineMs: 1000 })).toMatchObject({ alive: true });
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
    const isAlive = async () => (await probe(one.admin, { deadlineMs: 300 })).alive;
    process.kill(one.server.pid, 'SIGSTOP');
    // A thread may answer once more before the signal reaches it.
    await expect.poll(isAlive).toBe(false);
    process.kill(one.server.pid, 'SIGCONT');
    await expect.poll(isAlive).toBe(true);
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
    const log = join(one.options.data.volume, 'log', 'error.log');
    const forced = async () => (await readFile(log, 'utf8')).split('Forcing close of thread').length;
    const forcedBefore = await forced();
    const stopped = await one.server.stopOrderly(LIMIT);
    expect(stopped).toMatchObject({ orderly: true, code: 0, expected: true });
    // What mysqld says of sessions that it finds, after it has waited ten seconds for them.
    expect(await forced()).toBe(forcedBefore);
    await one.restart();
    expect(one.server.options.data.origin).toBe('reused');
    expect(await position(one.admin, LIMIT)).toMatchObject({
      serverUuid: before.serverUuid,
      executed: before.executed,
    });
    expect(one.admin.incarnation).toBe(2);
  });

  test('the event scheduler, for which a shutdown would wait, can be ended before', async () => {
    const found = () =>
      one.admin.on('observe', LIMIT, (session) =>
        session.rows(
          "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'event_scheduler'",
          [],
          LIMIT,
        ),
      );
    await openForWrites(one.admin, { ackCount: 0, stillWanted: () => true }, LIMIT);
    expect(await found()).toHaveLength(1);
    await one.admin.on('steps', LIMIT, (session) => stopEventScheduler(session, LIMIT));
    expect(await found()).toHaveLength(0);
    await one.restart();
    await openForWrites(one.admin, { ackCount: 0, stillWanted: () => true }, LIMIT);
    expect(await found()).toHaveLength(1);
  });

  test('a mysqld that lets in only some of the administration sessions keeps none', async () => {
    await openForWrites(one.admin, { ackCount: 0, stillWanted: () => true }, LIMIT);
    const password = 'until the next start';
    const before = await one.admin.on('steps', LIMIT, async (session) => {
      await session.run('ALTER USER CURRENT_USER() IDENTIFIED BY ?', [password], LIMIT);
      const { connected } = await session.row(CONNECTED, [], LIMIT);
      await session.run('SET GLOBAL max_connections = ?', [Number(connected) + 4], LIMIT);
      return connected;
    });
    const { dataDirectory, incarnation } = one.admin;
    const opening = Admin.open({ dataDirectory, incarnation, password }, LIMIT);
    await expect(opening).rejects.toMatchObject({ code: 'unreachable' });
    const connected = async () =>
      (await one.admin.on('observe', LIMIT, (session) => session.row(CONNECTED, [], LIMIT))).connected;
    await expect.poll(connected).toBe(before);
    await one.restart();
  });

  test('a stop with a writer waiting for its acknowledgement is a kill, and never asks mysqld to shut down', async () => {
    const log = join(one.options.data.volume, 'log', 'error.log');
    const shutdowns = async () => (await readFile(log, 'utf8')).split('Received SHUTDOWN').length;
    const before = await shutdowns();
    await openForWrites(one.admin, { ackCount: 1, stillWanted: () => true }, LIMIT);
    await expect(marker(one.admin, { deadlineMs: 200 })).rejects.toMatchObject({ code: 'deadline' });
    const stopped = await one.server.stopOrderly({ deadlineMs: 3000 });
    expect(stopped).toMatchObject({ orderly: false, signal: 'SIGKILL' });
    expect(await shutdowns()).toBe(before);
  });
});
