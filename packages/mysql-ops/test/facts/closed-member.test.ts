/** What MySQL does on a member that is closed (super_read_only): what a user can still do to it, and what it applies. */
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  applyAllReceived,
  follow,
  marker,
  openForWrites,
  position,
  primaryState,
  replicaState,
  setAckCount,
  setAdmission,
  stopReceiving,
  waitForGtid,
} from '../../src/index.ts';
import { cleanUp, Instance, LIMIT, makeRoom, REPLICATION } from '../support.ts';

/** Refused, or kept out of the binary log: no transaction of this member's own. */
const HARMLESS = [
  'INSERT INTO d.t VALUES (99)',
  'DROP TABLE IF EXISTS d.none',
  "ALTER USER USER() IDENTIFIED BY 'app'",
  'CREATE TEMPORARY TABLE d.mine (id INT)',
  'INSERT INTO d.mine VALUES (1)',
  'DROP TEMPORARY TABLE d.mine',
  'ANALYZE TABLE d.t',
  'OPTIMIZE TABLE d.t',
  'CHECK TABLE d.t',
  'FLUSH TABLES WITH READ LOCK',
  'UNLOCK TABLES',
  'FLUSH LOCAL TABLES',
  'FLUSH BINARY LOGS',
  'FLUSH STATUS',
  'FLUSH PRIVILEGES',
  'FLUSH USER_RESOURCES',
  'FLUSH OPTIMIZER_COSTS',
  'LOCK INSTANCE FOR BACKUP',
  "CLONE LOCAL DATA DIRECTORY = '/nowhere/clone'",
  "SET GTID_NEXT = 'aaaaaaaa-0000-4000-8000-000000000000:1'",
  "BINLOG 'x'",
];

/** What privileges.ts says remains. Should MySQL mend one, this list and that comment get shorter. */
const HARMFUL = [
  'FLUSH TABLES',
  'ANALYZE TABLE d.nowhere',
  'ANALYZE TABLE d.t UPDATE HISTOGRAM ON id WITH 4 BUCKETS',
  'REPAIR TABLE d.t',
  "XA COMMIT 'prepared'",
];

describe('a closed member', () => {
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
    await attach();
    await setAckCount(a.admin, 1, LIMIT);
    await waitForGtid(b.admin, await marker(a.admin, LIMIT), LIMIT);
  });
  afterAll(() => cleanUp(room, [a, b].filter(Boolean)));

  const attach = async (): Promise<unknown> => follow(b.admin, await a.asSource(), { semiSync: true }, LIMIT);

  const onReplica = (sql: string): Promise<unknown> =>
    b.admin.on('observe', LIMIT, (session) => session.run(sql, [], LIMIT));

  async function rowsOf(instance: Instance): Promise<unknown> {
    const [rows] = await instance.asUser((sql) => sql.query('SELECT id FROM d.t ORDER BY id'));
    return rows;
  }

  test('shows a row before the primary does: it is committed there only when it is acknowledged', async () => {
    await setAckCount(a.admin, 2, LIMIT);
    const client = await a.connect();
    const done = client.query('INSERT INTO d.t VALUES (1)');
    await expect.poll(() => rowsOf(b)).toEqual([{ id: 1 }]);
    expect(await rowsOf(a)).toEqual([]);
    await setAckCount(a.admin, 1, LIMIT);
    await done;
    client.destroy();
    expect(await rowsOf(a)).toEqual([{ id: 1 }]);
  });

  test('comes back by itself when its connection is killed: only a locked account stays away', async () => {
    const receivers = async (): Promise<string> => (await primaryState(a.admin, LIMIT)).receivers;
    const before = await receivers();
    expect(before).toMatch(/^\d+$/);
    await a.admin.on('steps', LIMIT, (session) => session.run('KILL ?', [Number(before)], LIMIT));
    await expect.poll(receivers, { timeout: 15_000 }).toMatch(new RegExp(`^(?!${before}$)\\d+$`));
    await marker(a.admin, LIMIT);
  });

  test('applies nothing while it waits for acknowledgements itself', async () => {
    await waitForGtid(b.admin, await marker(a.admin, LIMIT), LIMIT);
    await onReplica('SET GLOBAL rpl_semi_sync_source_enabled = ON');
    const before = (await position(b.admin, LIMIT)).executed;
    const gtid = await marker(a.admin, LIMIT);
    await expect(waitForGtid(b.admin, gtid, { deadlineMs: 1_000 })).rejects.toMatchObject({
      code: 'deadline',
    });
    expect((await position(b.admin, LIMIT)).executed).toBe(before);
    await onReplica('SET GLOBAL rpl_semi_sync_source_enabled = OFF');
    await waitForGtid(b.admin, gtid, LIMIT);
  });

  test('soon applies nothing either where the wait comes behind the commit', async () => {
    await onReplica("SET GLOBAL rpl_semi_sync_source_wait_point = 'AFTER_COMMIT'");
    await onReplica('SET GLOBAL rpl_semi_sync_source_enabled = ON');
    let gtid = '';
    // More than it has workers.
    for (let i = 0; i < 20; i++) gtid = await marker(a.admin, LIMIT);
    await expect(waitForGtid(b.admin, gtid, { deadlineMs: 1_000 })).rejects.toMatchObject({
      code: 'deadline',
    });
    await onReplica('SET GLOBAL rpl_semi_sync_source_enabled = OFF');
    await onReplica("SET GLOBAL rpl_semi_sync_source_wait_point = 'AFTER_SYNC'");
    await waitForGtid(b.admin, gtid, LIMIT);
  });

  test('can be locked out and be promoted although a reader holds a global read lock', async () => {
    const reader = await b.connect();
    reader.on('error', () => undefined);
    await reader.query('FLUSH TABLES WITH READ LOCK');
    await setAdmission(b.admin, { barred: [REPLICATION.user], admitted: [] }, LIMIT);
    await setAdmission(b.admin, { barred: [], admitted: [REPLICATION.user] }, LIMIT);
    await expect(reader.query('SELECT 1')).rejects.toThrow();
    expect(await primaryState(b.admin, LIMIT)).toMatchObject({ writable: false });
  });

  test('takes no transaction of its own from a user, but for what is known to get through', async () => {
    await a.asUser(prepareTransaction);
    await waitForGtid(b.admin, await marker(a.admin, LIMIT), LIMIT);
    await b.asUser(async (user) => {
      const isOwn = async (statement: string): Promise<boolean> => {
        const before = (await position(b.admin, LIMIT)).executed;
        await user.query(statement).catch(() => undefined);
        return (await position(b.admin, LIMIT)).executed !== before;
      };
      for (const statement of HARMLESS) expect(await isOwn(statement), statement).toBe(false);
      for (const statement of HARMFUL) expect(await isOwn(statement), statement).toBe(true);
    });
    expect(await replicaState(b.admin, LIMIT)).toMatchObject({ receiver: 'running' });
  });

  test('opens with its source forgotten and a reader’s global lock gone', async () => {
    await stopReceiving(b.admin, LIMIT);
    await applyAllReceived(b.admin, LIMIT);
    const reader = await b.connect();
    reader.on('error', () => undefined);
    await reader.query('FLUSH TABLES WITH READ LOCK');
    await openForWrites(b.admin, { ackCount: 0, stillWanted: () => true }, LIMIT);
    await marker(b.admin, LIMIT);
    await expect.poll(async () => (await replicaState(b.admin, LIMIT)).configured).toBe(false);
    await expect(reader.query('SELECT 1')).rejects.toThrow();
  });

  test.each([Number.NaN, -1, 0.5])('never opens with %d acknowledgements', async (ackCount) => {
    await b.restart();
    const opening = openForWrites(b.admin, { ackCount, stillWanted: () => true }, LIMIT);
    await expect(opening).rejects.toMatchObject({ code: 'statement_failed' });
    expect(await primaryState(b.admin, LIMIT)).toMatchObject({ writable: false, ackCount: 1 });
  });
});

/** In a table of its own: it keeps its locks, on replicas as well. */
async function prepareTransaction(sql: Connection): Promise<void> {
  for (const statement of [
    'CREATE TABLE d.prepared (id INT PRIMARY KEY)',
    "XA START 'prepared'",
    'INSERT INTO d.prepared VALUES (7)',
    "XA END 'prepared'",
    "XA PREPARE 'prepared'",
  ])
    await sql.query(statement);
}
