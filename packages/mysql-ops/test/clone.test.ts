import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  cloneFrom,
  fits,
  follow,
  marker,
  position,
  primaryState,
  replicaState,
  setAckCount,
  waitForGtid,
} from '../src/index.ts';
import { cleanUp, Instance, LIMIT, makeRoom } from './support.ts';

describe('a member whose data do not fit', () => {
  let room: string;
  let donor: Instance, member: Instance, other: Instance;

  beforeAll(async () => {
    room = await makeRoom();
    [donor, member, other] = await Promise.all([
      Instance.boot(room, 1),
      Instance.boot(room, 2),
      Instance.boot(room, 3),
    ]);
    await donor.becomeFirstPrimary();
    await donor.asUser(async (user) => {
      await user.query('CREATE DATABASE shop');
      await user.query('CREATE TABLE shop.t (id INT PRIMARY KEY, v LONGTEXT)');
      for (let i = 0; i < 20; i++)
        await user.query("INSERT INTO shop.t VALUES (?, REPEAT('x', 100000))", [i]);
    });
    await donor.admin.on('steps', LIMIT, async (session) => {
      await session.run('FLUSH BINARY LOGS', [], LIMIT);
      // As if it had been a replica before: its clones must not come up following anybody.
      await session.run("CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.9', SOURCE_PORT = 1", [], LIMIT);
      await session.run('PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY', [], LIMIT);
    });
  });
  afterAll(() => cleanUp(room, [donor, member, other].filter(Boolean)));

  test('the source has purged what it needs', async () => {
    expect(await fits(member.admin, await donor.asSource(), LIMIT)).toMatchObject({ fit: 'clone' });
  });

  test('a clone brings the data, a fresh server UUID and nothing of the donor’s roles', async () => {
    const before = await position(member.admin, LIMIT);
    const cloned = await cloneFrom(member.server, member.admin, await donor.asSource());
    Object.assign(member, cloned);
    const [own, theirs] = await Promise.all([position(member.admin, LIMIT), position(donor.admin, LIMIT)]);
    expect(own.executed).toBe(theirs.executed);
    expect([before.serverUuid, theirs.serverUuid]).not.toContain(own.serverUuid);
    expect(member.admin.incarnation).toBe(2);
    expect(await replicaState(member.admin, LIMIT)).toMatchObject({ configured: false });
    expect(await primaryState(member.admin, LIMIT)).toMatchObject({ writable: false, ackCount: 1 });
    await expect(access(join(member.options.data.volume, 'rebuild.json'))).rejects.toThrow();
  });

  test('it then replicates and acknowledges', async () => {
    const source = await donor.asSource();
    expect(await fits(member.admin, source, LIMIT)).toMatchObject({ fit: 'replicate' });
    expect(await follow(member.admin, source, { semiSync: true }, LIMIT)).toBe('connected');
    await setAckCount(donor.admin, 1, LIMIT);
    await marker(donor.admin, LIMIT);
  });

  test('it keeps all it has while the donor is busy with another one, and has its turn later', async () => {
    const mark = join(member.options.data.volume, 'rebuild.json');
    await member.admin.on('steps', LIMIT, (session) => session.run('STOP REPLICA SQL_THREAD', [], LIMIT));
    await marker(donor.admin, LIMIT);
    const before = await position(member.admin, LIMIT);
    expect(before.received).not.toBe('');
    await setAckCount(donor.admin, 0, LIMIT);
    await other.admin.on('steps', LIMIT, (session) =>
      session.run('SET GLOBAL clone_delay_after_data_drop = 3600', [], LIMIT),
    );
    const brokenOff = expect(
      cloneFrom(other.server, other.admin, await donor.asSource()),
    ).rejects.toMatchObject({ code: 'clone_failed' });
    await expect.poll(() => isBeingCopiedTo(other)).toBe(true);

    for (const attempt of [1, 2]) {
      await expect(
        cloneFrom(member.server, member.admin, await donor.asSource()),
        `${attempt}`,
      ).rejects.toMatchObject({ code: 'donor_busy' });
      expect(await position(member.admin, LIMIT)).toEqual(before);
      expect(await primaryState(member.admin, LIMIT)).toMatchObject({ writable: false });
      await expect(access(mark)).rejects.toThrow();
    }

    await other.server.kill();
    await brokenOff;
    await donor.admin.on('steps', LIMIT, (session) => session.run('RESET REPLICA ALL', [], LIMIT));
    Object.assign(member, await cloneFrom(member.server, member.admin, await donor.asSource()));
    const [own, theirs] = await Promise.all([position(member.admin, LIMIT), position(donor.admin, LIMIT)]);
    expect(own).toMatchObject({ executed: theirs.executed, received: '' });
    expect(own.serverUuid).not.toBe(before.serverUuid);
    expect(await relayLogs(member)).toEqual([]);
    const options = { semiSync: false };
    expect(await follow(member.admin, await donor.asSource(), options, LIMIT)).toBe('connected');
    await waitForGtid(member.admin, await marker(donor.admin, LIMIT), LIMIT);
  });

  test('an unreachable donor is an error, and the member starts anew', async () => {
    const nowhere = { ...(await donor.asSource()), port: 1 };
    await expect(cloneFrom(member.server, member.admin, nowhere)).rejects.toMatchObject({
      code: 'clone_failed',
    });
    expect(member.server.hasExited).toBe(true);
    // The same path repairs what a crash in the middle leaves: possibly a GTID set of data that are gone.
    await member.restart();
    expect(member.server.options.data.origin).toBe('template');
    expect((await position(member.admin, LIMIT)).executed).toBe('');
  });
});

/** Its donor has accepted it, and takes nobody else until its copy ends. */
async function isBeingCopiedTo(recipient: Instance): Promise<boolean> {
  const sql = "SELECT STATE AS state FROM performance_schema.clone_progress WHERE STAGE = 'DROP DATA'";
  const rows = await recipient.admin.on('observe', LIMIT, (session) => session.rows(sql, [], LIMIT));
  return rows.some(({ state }) => state !== 'Not Started');
}

async function relayLogs({ options }: Instance): Promise<string[]> {
  const names = await readdir(options.data.path);
  return names.filter((name) => name.startsWith('relay'));
}
