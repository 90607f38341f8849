/** What MySQL does with what a replica has received. An acknowledgement means no more than "in the relay log". */
import { containsGtidText } from '@cotton/core';
import { appendFile, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  applyAllReceived,
  dismissWaiters,
  follow,
  forgetReceived,
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

  test('survives kill -9 with everything that was acknowledged', async () => {
    const received = await receiveWithoutApplying();
    await b.restart();
    expect((await position(b.admin, LIMIT)).received).toBe(received);
    await applyAllReceived(b.admin, LIMIT);
    expect((await position(b.admin, LIMIT)).executed).toBe((await position(a.admin, LIMIT)).executed);
  });
});

/**
 * What a loss of power leaves of relay logs, and what a bad disk does. MySQL syncs a relay log when it begins it and when
 * it ends it (9.7, seen with strace): a loss of power alone takes only what follows the header of the newest.
 */
describe('a damaged relay log', () => {
  let room: string;
  let a: Instance, b: Instance;

  beforeAll(async () => {
    room = await makeRoom();
    [a, b] = await Promise.all([Instance.boot(room, 1), Instance.boot(room, 2)]);
    await a.becomeFirstPrimary();
    await attach();
  });
  afterAll(() => cleanUp(room, [a, b].filter(Boolean)));

  const onReplica = (sql: string): Promise<unknown> =>
    b.admin.on('observe', LIMIT, (session) => session.run(sql, [], LIMIT));
  const attach = async () => follow(b.admin, await a.asSource(), { semiSync: false }, LIMIT);

  /** What comes in waits in the relay log. */
  async function holdApplier(): Promise<void> {
    await attach();
    await waitForGtid(b.admin, await marker(a.admin, LIMIT), LIMIT);
    await onReplica('STOP REPLICA SQL_THREAD');
  }

  /** Three transactions that arrive at the replica and are not applied. */
  async function receiveThree(): Promise<string[]> {
    const gtids: string[] = [];
    for (let i = 0; i < 3; i++) gtids.push(await marker(a.admin, LIMIT));
    await expect.poll(async () => holding(gtids, await received())).toEqual([true, true, true]);
    return gtids;
  }

  /** Three of them in one relay log, and three in the next. */
  async function receiveInTwoLogs(): Promise<[string[], string[]]> {
    await holdApplier();
    const earlier = await receiveThree();
    await onReplica('FLUSH RELAY LOGS');
    return [earlier, await receiveThree()];
  }

  const received = async () => (await position(b.admin, LIMIT)).received;
  const holding = (gtids: string[], set: string) => gtids.map((gtid) => containsGtidText(set, gtid));

  /** `newest` 2: damages the last but one. */
  async function crash(damage: Damage, newest = 1): Promise<void> {
    await b.server.kill();
    await damage((await relayLogs(b)).at(-newest) ?? '');
    await b.restart();
    await dismissWaiters(b.admin, LIMIT);
  }

  async function applierErrno(): Promise<string | undefined> {
    await onReplica('START REPLICA SQL_THREAD');
    await expect.poll(async () => (await replicaState(b.admin, LIMIT)).applierRunning).toBe(false);
    const { applierError, receivedUnreadable } = await replicaState(b.admin, LIMIT);
    expect(receivedUnreadable).toBe(true);
    return applierError?.split(':')[0];
  }

  const tails: [string, boolean[], Damage][] = [
    ['ends in the middle of an event', [true, true, false], (path) => cut(path, 7)],
    ['ends before the last event of a transaction', [true, true, false], (path) => cut(path, XID_BYTES)],
    ['ends in garbage', [true, true, true], (path) => appendFile(path, Buffer.alloc(300, 0xa5))],
    ['ends in zeros', [true, true, true], (path) => cut(path, -4_096)],
  ];
  test.each(tails)('that %s is cut after its last whole transaction', async (_, whole, damage) => {
    await holdApplier();
    const gtids = await receiveThree();
    await crash(damage);
    expect(holding(gtids, await received())).toEqual(whole);
    await applyAllReceived(b.admin, LIMIT);
    expect(holding(gtids, (await position(b.admin, LIMIT)).executed)).toEqual(whole);
    await attach();
    await waitForGtid(b.admin, gtids.at(-1) ?? '', LIMIT);
  });

  const heads: [string, Damage][] = [
    ['has no bytes', (path) => truncate(path)],
    ['ends within its header', (path) => truncate(path, 60)],
    ['is all zeros', zeroWhole],
  ];
  test.each(heads)(
    'that %s counts as received no more, and stops the applier for good',
    async (_, damage) => {
      await holdApplier();
      const gtids = await receiveThree();
      await crash(damage);
      expect(holding(gtids, await received())).toEqual([false, false, false]);
      for (let attempt = 0; attempt < 2; attempt++) expect(await applierErrno()).toBe('13117');
      // Nothing is left to apply, so that nothing is lost with it: it is followed past the damage.
      expect(await attach()).toBe('connected');
      await waitForGtid(b.admin, gtids.at(-1) ?? '', LIMIT);
    },
  );

  // Its header says what was received before it.
  test('that was lost counts as received when a newer one is whole', async () => {
    const [gtids, later] = await receiveInTwoLogs();
    await crash((path) => truncate(path), 2);
    expect(holding([...gtids, ...later], await received())).not.toContain(false);
    expect(await applierErrno()).toBe('13117');
    await expect(applyAllReceived(b.admin, LIMIT)).rejects.toMatchObject({ code: 'relay_logs_unreadable' });
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(attach()).rejects.toMatchObject({ code: 'relay_logs_unreadable' });
    await forgetReceived(b.admin, LIMIT);
    await attach();
    await waitForGtid(b.admin, later.at(-1) ?? '', LIMIT);
  });

  test('that was lost stops the applier when it comes there', async () => {
    const [gtids, later] = await receiveInTwoLogs();
    await crash((path) => truncate(path));
    expect(holding([...gtids, ...later], await received())).toEqual([true, true, true, false, false, false]);
    expect(await applierErrno()).toBe('13121');
    expect(holding(gtids, (await position(b.admin, LIMIT)).executed)).toEqual([true, true, true]);
    await attach();
    await waitForGtid(b.admin, later.at(-1) ?? '', LIMIT);
  });
});

type Damage = (path: string) => Promise<unknown>;

/** The last event of each transaction. */
const XID_BYTES = 31;

/** Oldest first. */
async function relayLogs({ options }: Instance): Promise<string[]> {
  const names = (await readdir(options.data.path)).filter((name) => /^relay\.\d{6}$/.test(name));
  return names.sort().map((name) => join(options.data.path, name));
}

/** Below 0 it grows, by zeros. */
async function cut(path: string, bytes: number): Promise<void> {
  await truncate(path, (await stat(path)).size - bytes);
}

async function zeroWhole(path: string): Promise<void> {
  const { size } = await stat(path);
  await truncate(path);
  await truncate(path, size);
}
