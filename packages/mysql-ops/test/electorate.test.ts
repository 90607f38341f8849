import { containsGtidText, unionGtidTexts } from '@cotton/core';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  applyAllReceived,
  enableEvents,
  follow,
  handOver,
  marker,
  noteDisabledEvents,
  openForWrites,
  position,
  primaryState,
  replicaState,
  reopen,
  saveErrant,
  setAckCount,
  setAdmission,
  setReadOnly,
  stopReceiving,
  switchoverObstacles,
  waitForGtid,
} from '../src/index.ts';
import { cleanUp, Instance, LIMIT, makeRoom, REPLICATION } from './support.ts';

/** One story: a replica is locked out and let in, the primary hands over and takes back, an errant tail is saved. */
describe('changing who acknowledges', () => {
  let room: string;
  let a: Instance, b: Instance;

  beforeAll(async () => {
    room = await makeRoom();
    [a, b] = await Promise.all([Instance.boot(room, 1), Instance.boot(room, 2)]);
    await a.becomeFirstPrimary();
    await a.asUser(async (sql) => {
      await sql.query('CREATE DATABASE d');
      await sql.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
    });
    await follow(b.admin, await a.asSource(), { semiSync: true }, LIMIT);
    await setAckCount(a.admin, 1, LIMIT);
    await waitForGtid(b.admin, await marker(a.admin, LIMIT), LIMIT);
  });
  afterAll(() => cleanUp(room, [a, b].filter(Boolean)));

  test('a barred replica acknowledges nothing, until it is admitted', async () => {
    const before = await position(a.admin, LIMIT);
    await setAdmission(a.admin, { barred: [REPLICATION.user], admitted: [] }, LIMIT);
    await expect(marker(a.admin, { deadlineMs: 2_500 })).rejects.toMatchObject({ code: 'deadline' });
    expect((await primaryState(a.admin, LIMIT)).waitingSessions).toBe(1);
    // The lock is no transaction: nobody waits for it and no later primary lacks it.
    expect((await position(a.admin, LIMIT)).executed).toBe(before.executed);
    await setAdmission(a.admin, { barred: [], admitted: [REPLICATION.user, 'cotton_nobody'] }, LIMIT);
    await waitForGtid(b.admin, await marker(a.admin, LIMIT), LIMIT);
  });

  test('going alone waits for nobody, and a count that comes back is waited for again', async () => {
    await setAckCount(a.admin, 0, LIMIT);
    expect(await primaryState(a.admin, LIMIT)).toMatchObject({ ackCount: 0, semiSyncActive: false });
    await setAdmission(a.admin, { barred: [REPLICATION.user], admitted: [] }, LIMIT);
    await marker(a.admin, LIMIT);
    await setAckCount(a.admin, 1, LIMIT);
    expect(await primaryState(a.admin, LIMIT)).toMatchObject({ ackCount: 1, semiSyncActive: true });
    await expect(marker(a.admin, { deadlineMs: 500 })).rejects.toMatchObject({ code: 'deadline' });
    await setAdmission(a.admin, { barred: [], admitted: [REPLICATION.user] }, LIMIT);
    await waitForGtid(b.admin, await marker(a.admin, LIMIT), LIMIT);
  });

  test('a marker that was let go because somebody changed the rules is told from an acknowledged one', async () => {
    await setAdmission(a.admin, { barred: [REPLICATION.user], admitted: [] }, LIMIT);
    const written = marker(a.admin, LIMIT);
    await expect.poll(async () => (await primaryState(a.admin, LIMIT)).waitingSessions).toBe(1);
    await setAckCount(a.admin, 0, LIMIT);
    const gtid = await written;
    const { executed, received } = await position(b.admin, LIMIT);
    expect(containsGtidText(unionGtidTexts(executed, received), gtid)).toBe(false);
    expect(await primaryState(a.admin, LIMIT)).toMatchObject({ ackCount: 0, semiSyncActive: false });
    await setAdmission(a.admin, { barred: [], admitted: [REPLICATION.user] }, LIMIT);
    await setAckCount(a.admin, 1, LIMIT);
    await waitForGtid(b.admin, await marker(a.admin, LIMIT), LIMIT);
  });

  test('a closed mysqld locks out, too, and stays closed', async () => {
    const isLocked = async (): Promise<unknown> =>
      b.admin.on('observe', LIMIT, async (session) => {
        const sql =
          'SELECT account_locked AS locked, @@GLOBAL.super_read_only AS closed FROM mysql.user WHERE user = ?';
        return session.row(sql, [REPLICATION.user], LIMIT);
      });
    await setAdmission(b.admin, { barred: [REPLICATION.user], admitted: [] }, LIMIT);
    expect(await isLocked()).toEqual({ locked: 'Y', closed: 1 });
    await setAdmission(b.admin, { barred: [], admitted: [REPLICATION.user] }, LIMIT);
    expect(await isLocked()).toEqual({ locked: 'N', closed: 1 });
    const { executed, serverUuid } = await position(b.admin, LIMIT);
    expect(executed).not.toContain(serverUuid);
  });

  test('a step that was given up does not act after the next one', async () => {
    await setAdmission(a.admin, { barred: [REPLICATION.user], admitted: [] }, LIMIT);
    await expect(marker(a.admin, { deadlineMs: 300 })).rejects.toMatchObject({ code: 'deadline' });
    // It waits behind the commit that waits for its acknowledgement.
    await expect(setReadOnly(a.admin, true, { deadlineMs: 500 })).rejects.toMatchObject({ code: 'deadline' });
    await setAckCount(a.admin, 0, LIMIT);
    await expect.poll(async () => (await primaryState(a.admin, LIMIT)).waitingSessions).toBe(0);
    expect((await primaryState(a.admin, LIMIT)).writable).toBe(true);
    await setAdmission(a.admin, { barred: [], admitted: [REPLICATION.user] }, LIMIT);
    await setAckCount(a.admin, 1, LIMIT);
    await marker(a.admin, LIMIT);
  });

  test('a primary hands over in spite of idle transactions, and takes it back', async () => {
    const client = await a.connect();
    client.on('error', () => undefined);
    await client.query('BEGIN');
    await client.query('INSERT INTO d.t VALUES (1)');
    const { executed } = await handOver(a.admin, { graceMs: 0 }, LIMIT);
    expect((await position(a.admin, LIMIT)).executed).toBe(executed);
    await expect(client.query('COMMIT')).rejects.toThrow();
    client.destroy();
    await expect(a.connect()).rejects.toMatchObject({ code: 'ER_SERVER_OFFLINE_MODE' });
    // Replicas are no clients: the target has to reach what was handed over.
    await waitForGtid(b.admin, executed, LIMIT);
    expect(await replicaState(b.admin, LIMIT)).toMatchObject({ receiver: 'running' });
    await reopen(a.admin, LIMIT);
    await a.asUser((sql) => sql.query('INSERT INTO d.t VALUES (3)'));
  });

  test('a global read lock holds a hand-over up until its grace is over', async () => {
    await a.asUser(async (sql) => {
      sql.on('error', () => undefined);
      await sql.query('FLUSH TABLES WITH READ LOCK');
      await handOver(a.admin, { graceMs: 200 }, LIMIT);
      await expect(sql.query('UNLOCK TABLES')).rejects.toThrow();
    });
    await reopen(a.admin, LIMIT);
  });

  test('long and large transactions are named as obstacles', async () => {
    expect(await switchoverObstacles(a.admin, LIMIT)).toEqual([]);
    await a.asUser(async (sql) => {
      await sql.query('BEGIN');
      await sql.query('INSERT INTO d.t VALUES (10), (11)');
      const limits = { longS: 3_600, manyRows: 2 };
      // InnoDB tells the same of transactions again when it was asked less than 100 ms ago.
      await expect
        .poll(() => switchoverObstacles(a.admin, LIMIT, limits), { interval: 250 })
        .toEqual([expect.stringContaining('changed 2 rows')]);
      await sql.query('ROLLBACK');
    });
  });

  test('locks and changes of schema are named as obstacles, statements are not', async () => {
    await a.asUser(async (reader) => {
      await reader.query('LOCK TABLES d.t READ');
      const writer = await a.connect();
      writer.on('error', () => undefined);
      const altered = writer
        .query('/* s3cret */ ALTER TABLE d.t ADD COLUMN s3cret INT')
        .catch(() => undefined);
      const limits = { longS: 0, manyRows: 1 };
      const found = () => switchoverObstacles(a.admin, LIMIT, limits);
      await expect.poll(found).toContainEqual(expect.stringContaining('changing a schema'));
      expect((await found()).join()).not.toContain('s3cret');
      // A client that merely goes away leaves its statement waiting.
      await reader.query('KILL ?', [writer.threadId]);
      await reader.query('UNLOCK TABLES');
      await altered;
      await reader.query('FLUSH TABLES WITH READ LOCK');
      expect(await switchoverObstacles(a.admin, LIMIT)).toContain('a session holds a global read lock');
    });
  });

  test('what was handed over is final: prepared transactions are not committed behind it', async () => {
    await a.asUser(async (sql) => {
      for (const step of ["XA START 'x'", 'INSERT INTO d.t (id) VALUES (50)', "XA END 'x'", "XA PREPARE 'x'"])
        await sql.query(step);
    });
    const { executed } = await handOver(a.admin, { graceMs: 0 }, LIMIT);
    await expect(a.asUser((sql) => sql.query("XA COMMIT 'x'"))).rejects.toMatchObject({
      code: 'ER_SERVER_OFFLINE_MODE',
    });
    expect((await position(a.admin, LIMIT)).executed).toBe(executed);
    await reopen(a.admin, LIMIT);
    await a.asUser((sql) => sql.query("XA ROLLBACK 'x'"));
  });

  test('a hand-over that cannot be done leaves the primary open', async () => {
    await setAdmission(a.admin, { barred: [REPLICATION.user], admitted: [] }, LIMIT);
    await expect(marker(a.admin, { deadlineMs: 300 })).rejects.toMatchObject({ code: 'deadline' });
    await expect(handOver(a.admin, { graceMs: 0 }, { deadlineMs: 2_500 })).rejects.toMatchObject({
      code: 'deadline',
    });
    await setAdmission(a.admin, { barred: [], admitted: [REPLICATION.user] }, LIMIT);
    await marker(a.admin, LIMIT);
    expect((await primaryState(a.admin, LIMIT)).writable).toBe(true);
  });

  test('a promoted replica enables the events that replication had disabled, and changes nothing else', async () => {
    await a.asUser(async (sql) => {
      await sql.query("CREATE USER eve IDENTIFIED BY 'x'");
      await sql.query('CREATE EVENT d.off ON SCHEDULE EVERY 1 DAY DISABLE DO DO 1');
      await sql.query('CREATE EVENT d.`ü` ON SCHEDULE EVERY 1 DAY DO DO 1');
      await sql.query(`SET sql_mode = 'ANSI', time_zone = '+05:00', character_set_client = latin1,
        collation_connection = latin1_german1_ci`);
      await sql.query(`CREATE DEFINER = eve EVENT d."quo""ted" ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00'
        ON COMPLETION PRESERVE COMMENT 'kept' DO DO 1`);
    });
    const before = await events(a);
    await noteDisabledEvents(a.admin, LIMIT);
    const noted = (await position(a.admin, LIMIT)).executed;
    await noteDisabledEvents(a.admin, LIMIT);
    expect((await position(a.admin, LIMIT)).executed).toBe(noted);
    await waitForGtid(b.admin, await marker(a.admin, LIMIT), LIMIT);
    await a.server.kill();
    await stopReceiving(b.admin, LIMIT);
    await applyAllReceived(b.admin, LIMIT);
    await openForWrites(b.admin, { ackCount: 1, stillWanted: () => true }, LIMIT);
    // With nobody to acknowledge it asks, and leaves no ALTER EVENT behind that waits for good.
    await expect(enableEvents(b.admin, { deadlineMs: 500 })).rejects.toMatchObject({ code: 'deadline' });
    const altering = "SELECT COUNT(*) AS count FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER%'";
    expect(await b.admin.on('observe', LIMIT, (session) => session.row(altering, [], LIMIT))).toEqual({
      count: 0,
    });
    await openForWrites(b.admin, { ackCount: 0, stillWanted: () => true }, LIMIT);
    expect((await events(b)).map((event) => event.STATUS)).toEqual(Array(3).fill('REPLICA_SIDE_DISABLED'));
    expect(await enableEvents(b.admin, LIMIT)).toEqual([]);
    expect(await events(b)).toEqual(before);
  });

  test('what an instance wrote in its former life comes back under the same server id', async () => {
    // Both served under their own ids; a third one seeded under the first one's id must take a's transactions.
    const again = await Instance.boot(room, 1, { volume: join(room, 'again') });
    try {
      await follow(again.admin, await b.asSource(), { semiSync: false }, LIMIT);
      await waitForGtid(again.admin, await marker(b.admin, LIMIT), LIMIT);
      const [rows] = await again.asUser((sql) => sql.query('SELECT id FROM d.t ORDER BY id'));
      expect(rows).toEqual([{ id: 3 }]);
      expect((await replicaState(again.admin, LIMIT)).applierRunning).toBe(true);
    } finally {
      await again.server.kill();
    }
  });

  test('transactions are saved as SQL that can be read and replayed', async () => {
    const before = (await position(b.admin, LIMIT)).executed;
    await b.asUser((sql) => sql.query('INSERT INTO d.t VALUES (77)'));
    const after = (await position(b.admin, LIMIT)).executed;
    const uuid = (await position(b.admin, LIMIT)).serverUuid;
    const last = Number(/(\d+)$/.exec(after.split(`${uuid}:`)[1]?.split(',')[0] ?? '')?.[1]);
    expect(after).not.toBe(before);
    const { installation, data } = b.options;
    const errant = `${uuid}:${last}`;
    // What a loss of power can leave of relay logs must not be in the way.
    const headless = { 'relay.999991': 0, 'relay.999992': 60, 'relay.999993': 300 };
    for (const [name, bytes] of Object.entries(headless))
      await writeFile(join(data.path, name), await beginningOf(join(data.path, 'binlog.000001'), bytes));
    const saved = await saveErrant(
      { installation, data, errant, directory: join(data.volume, 'errant') },
      LIMIT,
    );
    for (const name of Object.keys(headless)) await rm(join(data.path, name));
    const text = await readFile(saved.file, 'utf8');
    expect(text).toContain('### INSERT INTO `d`.`t`');
    expect(text).toContain('@1=77');
    expect(text).toContain(`SET @@SESSION.GTID_NEXT= '${errant}'`);
    expect(text.match(/GTID_NEXT= '[0-9a-f-]+:/g)).toHaveLength(1);
  });

  test('transactions that are in no log are not saved as if they were', async () => {
    const { installation, data } = b.options;
    const errant = 'aaaaaaaa-0000-4000-8000-000000000000:1-3';
    const directory = join(data.volume, 'errant');
    await expect(saveErrant({ installation, data, errant, directory }, LIMIT)).rejects.toMatchObject({
      code: 'slice_failed',
    });
  });
});

/** So many bytes of it; zeros where it is to be longer than its first event. */
async function beginningOf(log: string, bytes: number): Promise<Buffer> {
  return bytes > 200 ? Buffer.alloc(bytes) : (await readFile(log)).subarray(0, bytes);
}

/** All that their owners gave them. */
async function events(instance: Instance): Promise<Record<string, unknown>[]> {
  const sql = 'SELECT * FROM information_schema.EVENTS ORDER BY EVENT_NAME';
  const rows = await instance.admin.on('observe', LIMIT, (session) => session.rows(sql, [], LIMIT));
  return rows.map(
    ({ ORIGINATOR: _by, CREATED: _at, LAST_ALTERED: _last, LAST_EXECUTED: _ran, ...given }) => given,
  );
}
