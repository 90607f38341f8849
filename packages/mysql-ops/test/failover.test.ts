import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  applyAllReceived,
  fits,
  follow,
  marker,
  type MysqlOpsError,
  openForWrites,
  position,
  primaryState,
  replicaState,
  resumeApplier,
  setAckCount,
  setReplicaSemiSync,
  stopReceiving,
  waitForGtid,
} from '../src/index.ts';
import { MARKER_SLOTS } from '../src/marker.ts';
import type { Session } from '../src/session.ts';
import { cleanUp, Instance, LIMIT, makeRoom } from './support.ts';

/** One story on three members: attach, acknowledge, lose the primary, elect, repoint, come back errant, rebuild nothing. */
describe('a primary with two replicas', () => {
  let room: string;
  let a: Instance, b: Instance, c: Instance;

  beforeAll(async () => {
    room = await makeRoom();
    [a, b, c] = await Promise.all([Instance.boot(room, 1), Instance.boot(room, 2), Instance.boot(room, 3)]);
    await a.becomeFirstPrimary();
  });
  afterAll(() => cleanUp(room, [a, b, c].filter(Boolean)));

  test('members start without transactions of their own', async () => {
    for (const member of [b, c]) expect((await position(member.admin, LIMIT)).executed).toBe('');
  });

  test('replicas attach and their acknowledgements count', async () => {
    const source = await a.asSource();
    for (const member of [b, c]) {
      expect(await fits(member.admin, source, LIMIT)).toMatchObject({ fit: 'replicate' });
      expect(await follow(member.admin, source, { semiSync: true }, LIMIT)).toBe('connected');
      const { incarnation } = member.admin;
      expect(incarnation).toBe(1);
    }
    await setAckCount(a.admin, 2, LIMIT);
    const gtid = await marker(a.admin, LIMIT);
    for (const member of [b, c]) await waitForGtid(member.admin, gtid, LIMIT);
    expect(await primaryState(a.admin, LIMIT)).toMatchObject({
      writable: true,
      ackCount: 2,
      semiSyncClients: 2,
    });
    expect(await replicaState(b.admin, LIMIT)).toMatchObject({
      semiSync: true,
      receiver: 'running',
      applierRunning: true,
    });
  });

  test('following the same source again restarts nothing', async () => {
    const before = await dumpThreads(a);
    expect(before).toHaveLength(2);
    expect(await follow(b.admin, await a.asSource(), { semiSync: true }, LIMIT)).toBe('connected');
    expect(await dumpThreads(a)).toEqual(before);
  });

  test('a commit waits while a counted replica no longer acknowledges', async () => {
    await setReplicaSemiSync(c.admin, false, await a.asSource(), LIMIT);
    expect(await replicaState(c.admin, LIMIT)).toMatchObject({ semiSync: false, receiver: 'running' });
    await expect(marker(a.admin, { deadlineMs: 700 })).rejects.toMatchObject({ code: 'deadline' });
    expect((await primaryState(a.admin, LIMIT)).waitingSessions).toBe(1);
    await setReplicaSemiSync(c.admin, true, await a.asSource(), LIMIT);
    // What it received before it acknowledged again is acknowledged only with a later write.
    await marker(a.admin, LIMIT);
    await expect.poll(async () => (await primaryState(a.admin, LIMIT)).waitingSessions).toBe(0);
  });

  test('markers that nobody acknowledges do not pile up', async () => {
    await setAckCount(a.admin, 3, LIMIT);
    for (let i = 0; i < MARKER_SLOTS; i++)
      await expect(marker(a.admin, { deadlineMs: 100 })).rejects.toMatchObject({ code: 'deadline' });
    // A slot may be free still: a busy machine does not begin everything within its deadline.
    const next = async () =>
      marker(a.admin, { deadlineMs: 3000 }).catch((error: MysqlOpsError) => error.code);
    await expect.poll(next, { timeout: 40_000 }).toBe('statement_failed');
    expect((await primaryState(a.admin, LIMIT)).waitingSessions).toBeGreaterThan(0);
    await setAckCount(a.admin, 2, LIMIT);
    await marker(a.admin, LIMIT);
  });

  test('after kill -9 of the primary a replica takes over with every acknowledged write, applied or not', async () => {
    await setAckCount(a.admin, 1, LIMIT);
    await a.asUser(async (user) => {
      await user.query('CREATE DATABASE shop');
      await user.query('CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(20))');
    });
    // Everything from here on is acknowledged and received, but not applied by anybody.
    for (const member of [b, c]) await member.admin.on('steps', LIMIT, stopApplier);
    await a.asUser(async (user) => {
      for (let i = 0; i < 50; i++) await user.query("INSERT INTO shop.t (v) VALUES ('acknowledged')");
    });
    const acknowledged = (await position(a.admin, LIMIT)).executed;
    const gone = await a.server.kill();
    expect(gone).toMatchObject({ signal: 'SIGKILL', expected: true, incarnation: 1 });

    await Promise.all([b, c].map((member) => stopReceiving(member.admin, LIMIT)));
    const positions = await Promise.all([b, c].map((member) => position(member.admin, LIMIT)));
    const [winner, sibling] = positions[0]?.received.endsWith(`-${lastOf(acknowledged)}`) ? [b, c] : [c, b];
    // A restart throws nothing away either.
    await winner.restart();
    expect((await position(winner.admin, LIMIT)).executed).not.toBe(acknowledged);
    await applyAllReceived(winner.admin, LIMIT);
    expect((await position(winner.admin, LIMIT)).executed).toBe(acknowledged);
    const source = await winner.asSource();
    expect(await follow(sibling.admin, source, { semiSync: true }, LIMIT)).toBe('connected');
    await waitForGtid(sibling.admin, acknowledged, LIMIT);
    await openForWrites(winner.admin, { ackCount: 1, stillWanted: () => true }, LIMIT);
    await marker(winner.admin, LIMIT);
    const [rows] = await winner.asUser((user) => user.query('SELECT COUNT(*) AS n FROM shop.t'));
    expect(rows).toEqual([{ n: 50 }]);
    [b, c] = [winner, sibling];
  });

  test('a transaction that only the deposed primary has shows up as errant', async () => {
    await a.restart();
    const source = await b.asSource();
    expect(await fits(a.admin, source, LIMIT)).toMatchObject({ fit: 'replicate' });
    await openForWrites(a.admin, { ackCount: 0, stillWanted: () => true }, LIMIT);
    const errant = await marker(a.admin, LIMIT);
    await a.restart();
    expect(await fits(a.admin, source, LIMIT)).toEqual({ fit: 'errant', errant });
  });

  test("a user's locks on a replica do not keep it from applying what it was elected for", async () => {
    await c.asUser(async (reader) => {
      await reader.query('LOCK TABLES shop.t READ');
      await b.asUser((user) => user.query("INSERT INTO shop.t (v) VALUES ('behind a lock')"));
      const acknowledged = (await position(b.admin, LIMIT)).executed;
      await stopReceiving(c.admin, LIMIT);
      expect((await applyAllReceived(c.admin, LIMIT)).executed).toBe(acknowledged);
    });
    expect(await follow(c.admin, await b.asSource(), { semiSync: true }, LIMIT)).toBe('connected');
  });

  test('the last question before opening is whether it is still wanted', async () => {
    const opening = openForWrites(a.admin, { ackCount: 0, stillWanted: () => false }, LIMIT);
    await expect(opening).rejects.toMatchObject({ code: 'superseded' });
    expect(await primaryState(a.admin, LIMIT)).toMatchObject({ writable: false });
  });

  test('an open mysqld follows nobody', async () => {
    const following = follow(b.admin, await c.asSource(), { semiSync: false }, LIMIT);
    await expect(following).rejects.toMatchObject({ code: 'not_read_only' });
  });

  test('a stranger on the right port is not followed', async () => {
    const stranger = { ...(await b.asSource()), serverUuid: '00000000-0000-0000-0000-000000000000' };
    await expect(follow(c.admin, stranger, { semiSync: true }, LIMIT)).rejects.toMatchObject({
      code: 'wrong_source',
    });
    expect(await replicaState(c.admin, LIMIT)).toMatchObject({ receiver: 'stopped' });
    expect(await follow(c.admin, await b.asSource(), { semiSync: true }, LIMIT)).toBe('connected');
  });

  test('what a broken applier cannot apply is not thrown away by following somebody else', async () => {
    await c.admin.on('steps', LIMIT, breakApplier);
    await b.asUser((user) => user.query("INSERT INTO shop.t (id, v) VALUES (1000, 'acknowledged')"));
    const broken = async () => (await replicaState(c.admin, LIMIT)).applierError;
    await expect.poll(broken).toMatch(/^1062: /);
    const before = await position(c.admin, LIMIT);
    await expect(follow(c.admin, await a.asSource(), { semiSync: false }, LIMIT)).rejects.toMatchObject({
      code: 'applier_broken',
    });
    await expect(applyAllReceived(c.admin, LIMIT)).rejects.toMatchObject({ code: 'applier_broken' });
    const opening = openForWrites(c.admin, { ackCount: 0, stillWanted: () => true }, LIMIT);
    await expect(opening).rejects.toMatchObject({ code: 'unapplied_transactions' });
    expect((await position(c.admin, LIMIT)).received).toBe(before.received);
  });

  test('and is applied once what was in the way is gone', async () => {
    await resumeApplier(c.admin, LIMIT);
    await expect.poll(async () => (await replicaState(c.admin, LIMIT)).applierRunning).toBe(false);
    await c.admin.on('steps', LIMIT, mendApplier);
    await resumeApplier(c.admin, LIMIT);
    const { received } = await position(c.admin, LIMIT);
    await waitForGtid(c.admin, received, LIMIT);
    expect(await replicaState(c.admin, LIMIT)).toMatchObject({ applierRunning: true });
  });
});

/** Makes the next insert from the source fail here, as data that drifted would. */
async function breakApplier(session: Session): Promise<void> {
  await unlogged(session, "INSERT INTO shop.t (id, v) VALUES (1000, 'drifted')");
}

async function mendApplier(session: Session): Promise<void> {
  await unlogged(session, 'DELETE FROM shop.t WHERE id = 1000');
}

async function unlogged(session: Session, statement: string): Promise<void> {
  for (const sql of [
    'SET GLOBAL super_read_only = OFF',
    'SET SESSION sql_log_bin = 0',
    statement,
    'SET SESSION sql_log_bin = 1',
    'SET GLOBAL super_read_only = ON',
  ]) {
    await session.run(sql, [], LIMIT);
  }
}

/** The sessions on a source that send its binary log. */
async function dumpThreads(source: Instance): Promise<unknown[]> {
  const sql = "SELECT ID FROM performance_schema.processlist WHERE COMMAND LIKE 'Binlog Dump%' ORDER BY ID";
  return source.admin.on('steps', LIMIT, (session) => session.rows(sql, [], LIMIT));
}

const stopApplier = (session: Session) => session.run('STOP REPLICA SQL_THREAD', [], LIMIT);

/** The highest transaction number of a set with one source. */
function lastOf(set: string): string {
  return set.split(/[-:]/).at(-1) ?? '';
}
