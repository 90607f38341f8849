/**
 * What MySQL does with a commit that waits for an acknowledgement. docs/clustering.md stands on each of these: should
 * a later MySQL answer differently, the protocol has to be looked at again.
 */
import type { Connection } from 'mysql2/promise';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  follow,
  marker,
  openForWrites,
  position,
  primaryState,
  probe,
  setAckCount,
  setReplicaSemiSync,
  stopReceiving,
} from '../../src/index.ts';
import { cleanUp, Instance, LIMIT, makeRoom } from '../support.ts';

describe('a commit that waits for its acknowledgement', () => {
  let room: string;
  let a: Instance, b: Instance, c: Instance;
  let id = 0;

  beforeAll(async () => {
    room = await makeRoom();
    [a, b, c] = await Promise.all([Instance.boot(room, 1), Instance.boot(room, 2), Instance.boot(room, 3)]);
    await a.becomeFirstPrimary();
    await a.asUser(async (sql) => {
      await sql.query('CREATE DATABASE d');
      await sql.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
    });
    await attach(b);
    await setAckCount(a.admin, 1, LIMIT);
    await marker(a.admin, LIMIT);
  });
  afterAll(() => cleanUp(room, [a, b, c].filter(Boolean)));

  const attach = async (replica: Instance): Promise<void> => {
    await follow(replica.admin, await a.asSource(), { semiSync: true }, LIMIT);
  };

  /** Stops b, and lets one commit wait; `done` settles with its client's answer. */
  async function startWaiting(): Promise<{ client: Connection; done: Promise<unknown>; row: number }> {
    await stopReceiving(b.admin, LIMIT);
    const client = await a.connect();
    client.on('error', () => undefined);
    const row = ++id;
    const done = client.query('INSERT INTO d.t VALUES (?)', [row]).catch((error: unknown) => error);
    await expect.poll(waiting).toBe(1);
    return { client, done, row };
  }

  const waiting = async (): Promise<number> => (await primaryState(a.admin, LIMIT)).waitingSessions;

  async function release(): Promise<void> {
    await attach(b);
    await marker(a.admin, LIMIT);
    await expect.poll(waiting).toBe(0);
  }

  const execute = (sql: string, values: unknown[] = []): Promise<unknown> =>
    a.admin.on('observe', { deadlineMs: 3_000 }, (session) =>
      session.run(sql, values, { deadlineMs: 3_000 }),
    );

  test('is in no gtid_executed, so that is no barrier', async () => {
    const before = (await position(a.admin, LIMIT)).executed;
    const { client, done } = await startWaiting();
    expect((await position(a.admin, LIMIT)).executed).toBe(before);
    await release();
    await done;
    client.destroy();
    expect((await position(a.admin, LIMIT)).executed).not.toBe(before);
  });

  test('lets a write past that skips the binary log', async () => {
    const { client, done } = await startWaiting();
    await execute('SET SESSION sql_log_bin = OFF');
    await execute('CREATE TABLE IF NOT EXISTS cotton.past (id INT PRIMARY KEY)');
    await execute('REPLACE INTO cotton.past VALUES (1)');
    const seenByOthers = await a.admin.on('writes', LIMIT, (session) =>
      session.rows('SELECT id FROM cotton.past', [], LIMIT),
    );
    expect(seenByOthers).toEqual([{ id: 1 }]);
    await execute('DROP TABLE cotton.past');
    await execute('SET SESSION sql_log_bin = ON');
    expect(await waiting()).toBe(1);
    await release();
    await done;
    client.destroy();
  });

  test('holds super_read_only up, and offline_mode does not end it', async () => {
    const { client, done } = await startWaiting();
    await execute('SET SESSION lock_wait_timeout = 1');
    await expect(execute('SET GLOBAL super_read_only = ON')).rejects.toMatchObject({ errno: 1205 });
    await execute('SET GLOBAL offline_mode = ON');
    await execute('SET GLOBAL offline_mode = OFF');
    expect(await waiting()).toBe(1);
    await execute('SET SESSION lock_wait_timeout = DEFAULT');
    await release();
    await done;
    client.destroy();
  });

  test('goes on waiting when its client is killed', async () => {
    const { client, done } = await startWaiting();
    await execute('KILL ?', [client.threadId]);
    await done;
    expect(await waiting()).toBe(1);
    await release();
    client.destroy();
  });

  test('is answered OK when semi-sync is turned off: only after that was persisted', async () => {
    const { client, done, row } = await startWaiting();
    await setAckCount(a.admin, 0, LIMIT);
    expect(await done).not.toBeInstanceOf(Error);
    client.destroy();
    const [rows] = await b.asUser((sql) => sql.query('SELECT id FROM d.t WHERE id = ?', [row]));
    expect(rows).toEqual([]);
    await attach(b);
    await setAckCount(a.admin, 1, LIMIT);
    await marker(a.admin, LIMIT);
  });

  test('that is under way when semi-sync is turned on is answered OK with no replica: the next one is the barrier', async () => {
    await stopReceiving(b.admin, LIMIT);
    await setAckCount(a.admin, 0, LIMIT);
    // It stays in the group's flush for as long as that.
    await execute('SET GLOBAL binlog_group_commit_sync_delay = 1000000');
    const row = ++id;
    const client = await a.connect();
    let isUnderWay = true;
    const done = client.query('INSERT INTO d.t VALUES (?)', [row]).finally(() => (isUnderWay = false));
    await sleep(300);
    expect(isUnderWay).toBe(true);
    await setAckCount(a.admin, 1, LIMIT);
    await done;
    client.destroy();
    const [rows] = await b.asUser((sql) => sql.query('SELECT id FROM d.t WHERE id = ?', [row]));
    expect(rows).toEqual([]);
    await execute('SET GLOBAL binlog_group_commit_sync_delay = 0');
    await expect(marker(a.admin, { deadlineMs: 700 })).rejects.toMatchObject({ code: 'deadline' });
    await release();
  });

  test('and a statement that waits for a lock leave the probe answered', async () => {
    const reader = await a.connect();
    await reader.query('START TRANSACTION');
    await reader.query('SELECT COUNT(*) FROM d.t');
    const altering = await a.connect();
    const altered = altering.query('ALTER TABLE d.t COMMENT "waits"');
    const behind = await a.connect();
    await behind.query('SET lock_wait_timeout = 1');
    const isBlocked = (): Promise<unknown> =>
      behind.query('SELECT COUNT(*) FROM d.t').catch((error: unknown) => error);
    await expect.poll(isBlocked, { timeout: 5_000 }).toMatchObject({ errno: 1205 });
    expect(await probe(a.admin, { deadlineMs: 500 })).toMatchObject({ alive: true });
    await reader.query('COMMIT');
    await altered;
    for (const session of [reader, altering, behind]) session.destroy();
  });

  test('counts the acknowledgement of a replica that has left, so a joiner must not be added to it', async () => {
    await attach(c);
    await setAckCount(a.admin, 2, LIMIT);
    await marker(a.admin, LIMIT);
    await stopReceiving(c.admin, LIMIT);
    const client = await a.connect();
    const done = client.query('INSERT INTO d.t VALUES (?)', [++id]);
    await expect.poll(waiting).toBe(1);
    // One of the two acknowledges, and applies, what it waits for.
    const onB = (): Promise<unknown> => b.asUser((sql) => sql.query('SELECT id FROM d.t WHERE id = ?', [id]));
    await expect.poll(onB).toMatchObject([[{ id }], expect.anything()]);
    await stopReceiving(b.admin, LIMIT);
    await attach(c);
    await done;
    client.destroy();
    await setAckCount(a.admin, 1, LIMIT);
    await stopReceiving(c.admin, LIMIT);
    await attach(b);
    await marker(a.admin, LIMIT);
  });

  test('is acknowledged by a replica whose switch went off while its receiver ran', async () => {
    await b.admin.on('observe', LIMIT, (s) =>
      s.run('SET GLOBAL rpl_semi_sync_replica_enabled = OFF', [], LIMIT),
    );
    await marker(a.admin, LIMIT);
    await setReplicaSemiSync(b.admin, false, await a.asSource(), LIMIT);
    await expect(marker(a.admin, { deadlineMs: 700 })).rejects.toMatchObject({ code: 'deadline' });
    await setReplicaSemiSync(b.admin, true, await a.asSource(), LIMIT);
    await marker(a.admin, LIMIT);
    await expect.poll(waiting).toBe(0);
  });

  test('of an account statement keeps new sessions out, replicas too: only going alone ends it', async () => {
    await stopReceiving(b.admin, LIMIT);
    const client = await a.connect();
    client.on('error', () => undefined);
    const done = client.query("CREATE USER 'late'@'%' IDENTIFIED BY 'late'").catch((error: unknown) => error);
    await expect.poll(waiting).toBe(1);
    const short = { deadlineMs: 1_500 };
    expect(await follow(b.admin, await a.asSource(), { semiSync: true }, short)).toBe('connecting');
    expect(await waiting()).toBe(1);
    await setAckCount(a.admin, 0, LIMIT);
    expect(await done).not.toBeInstanceOf(Error);
    client.destroy();
    await attach(b);
    await setAckCount(a.admin, 1, LIMIT);
    await marker(a.admin, LIMIT);
  });

  test('is committed after a kill -9 and a restart', async () => {
    const { client, done, row } = await startWaiting();
    await a.server.kill();
    expect(await done).toBeInstanceOf(Error);
    client.destroy();
    await a.restart();
    const [rows] = await a.asUser((sql) => sql.query('SELECT id FROM d.t WHERE id = ?', [row]));
    expect(rows).toEqual([{ id: row }]);
  });

  test('is answered OK by SIGTERM, though no replica has it: a primary is ended by SIGKILL', async () => {
    const open = { ackCount: 1, stillWanted: () => true };
    await openForWrites(a.admin, open, LIMIT);
    const { client, done, row } = await startWaiting();
    process.kill(a.server.pid, 'SIGTERM');
    expect(await done).not.toBeInstanceOf(Error);
    client.destroy();
    await a.server.exited;
    const [rows] = await b.asUser((sql) => sql.query('SELECT id FROM d.t WHERE id = ?', [row]));
    expect(rows).toEqual([]);
  });
});
