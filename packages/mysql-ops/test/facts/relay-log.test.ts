/** What MySQL does with what a replica has received. An acknowledgement means no more than "in the relay log". */
import { readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  applyAllReceived,
  follow,
  marker,
  position,
  replicaState,
  setAckCount,
  stopReceiving,
  waitForGtid,
} from '../../src/index.ts';
import { cleanUp, Instance, LIMIT, makeRoom } from '../support.ts';

describe('a relay log', () => {
  let room: string;
  let a: Instance, b: Instance;

  beforeAll(async () => {
    room = await makeRoom();
    [a, b] = await Promise.all([Instance.boot(room, 1), Instance.boot(room, 2)]);
    await a.becomeFirstPrimary();
    await follow(b.admin, await a.asSource(), { semiSync: true }, LIMIT);
    await setAckCount(a.admin, 1, LIMIT);
    await marker(a.admin, LIMIT);
  });
  afterAll(() => cleanUp(room, [a, b].filter(Boolean)));

  const onReplica = (sql: string): Promise<unknown> =>
    b.admin.on('observe', LIMIT, (session) => session.run(sql, [], LIMIT));

  /** Acknowledged transactions that wait in the relay log; the applier stands. */
  async function receiveWithoutApplying(): Promise<string> {
    await onReplica('STOP REPLICA SQL_THREAD');
    for (let i = 0; i < 3; i++) await marker(a.admin, LIMIT);
    await stopReceiving(b.admin, LIMIT);
    const { executed, received } = await position(b.admin, LIMIT);
    expect(received).not.toBe('');
    expect(received).not.toBe(executed);
    return received;
  }

  test('is kept by CHANGE REPLICATION SOURCE while the applier runs', async () => {
    await receiveWithoutApplying();
    const wanted = (await position(a.admin, LIMIT)).executed;
    await follow(b.admin, await a.asSource(), { semiSync: true }, LIMIT);
    await expect
      .poll(async () => (await position(b.admin, LIMIT)).executed, { timeout: 10_000 })
      .toBe(wanted);
  });

  test('is thrown away by it when both threads stand', async () => {
    const received = await receiveWithoutApplying();
    await onReplica('CHANGE REPLICATION SOURCE TO SOURCE_CONNECT_RETRY = 2');
    expect((await position(b.admin, LIMIT)).received).not.toBe(received);
    await follow(b.admin, await a.asSource(), { semiSync: true }, LIMIT);
    await marker(a.admin, LIMIT);
  });

  test('lets its receiver be stopped while the applier is blocked', async () => {
    await b.asUser(async (sql) => {
      await sql.query('FLUSH TABLES WITH READ LOCK');
      const gtid = await marker(a.admin, LIMIT);
      await stopReceiving(b.admin, { deadlineMs: 2_000 });
      expect((await replicaState(b.admin, LIMIT)).receiver).toBe('stopped');
      // Blocked all the while: it still is.
      await expect(waitForGtid(b.admin, gtid, { deadlineMs: 500 })).rejects.toMatchObject({
        code: 'deadline',
      });
      await sql.query('UNLOCK TABLES');
      await waitForGtid(b.admin, gtid, LIMIT);
    });
    await follow(b.admin, await a.asSource(), { semiSync: true }, LIMIT);
    await marker(a.admin, LIMIT);
  });

  test('survives kill -9 with everything that was acknowledged, and a torn tail is cut off', async () => {
    await onReplica('STOP REPLICA SQL_THREAD');
    for (let i = 0; i < 3; i++) await marker(a.admin, LIMIT);
    const acknowledged = (await position(a.admin, LIMIT)).executed;
    await b.server.kill();
    await tearTail(b.options.data.path);
    await b.restart();
    await applyAllReceived(b.admin, LIMIT);
    const own = await position(b.admin, LIMIT);
    expect(own.executed).toBe(acknowledged);
  });
});

/** Garbage behind the last whole event, as a crash of the host can leave it. */
async function tearTail(directory: string): Promise<void> {
  const logs = (await readdir(directory)).filter((name) => /^relay.*\.\d{6}$/.test(name)).sort();
  const last = join(directory, logs.at(-1) ?? '');
  await truncate(last, (await stat(last)).size + 200);
}
