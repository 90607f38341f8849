import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  follow,
  marker,
  planDisk,
  position,
  purgeBinaryLogs,
  sampleStatistics,
  waitForGtid,
} from '../src/index.ts';
import { logFiles, totalBytes } from '../src/log-files.ts';
import { cleanUp, Instance, LIMIT, makeRoom } from './support.ts';

/** Of a disk much smaller than a cluster may have, so that a few writes are too many. */
const DISK_MB = 32;
const KEEP_BYTES = planDisk(DISK_MB).binaryLogsMb * 1024 ** 2;
const ROW = 'x'.repeat(200_000);

let room: string;
let primary: Instance, replica: Instance;
const binlogs = (instance: Instance) => logFiles(instance.options.data.path, 'binlog');
const write = (rows: number) =>
  primary.asUser(async (user) => {
    for (let i = 0; i < rows; i++) await user.query('INSERT INTO shop.t (text) VALUES (?)', [ROW]);
  });

beforeAll(async () => {
  room = await makeRoom();
  const boot = (id: number) => Instance.boot(room, id, { diskMb: DISK_MB });
  [primary, replica] = await Promise.all([boot(1), boot(2)]);
  await primary.becomeFirstPrimary();
  await primary.asUser(async (user) => {
    await user.query('CREATE DATABASE shop');
    await user.query('CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, text MEDIUMTEXT)');
  });
  await follow(replica.admin, await primary.asSource(), { semiSync: false }, LIMIT);
});
afterAll(() => cleanUp(room, [primary, replica].filter(Boolean)));

test('the oldest are purged until the rest is no more than it may be, on the primary and on a closed replica', async () => {
  await write(60);
  await waitForGtid(replica.admin, await marker(primary.admin, LIMIT), LIMIT);
  for (const instance of [primary, replica]) {
    const before = await binlogs(instance);
    expect(totalBytes(before)).toBeGreaterThan(KEEP_BYTES);
    const { executed } = await position(instance.admin, LIMIT);
    const freed = await purgeBinaryLogs(instance.admin, KEEP_BYTES, LIMIT);
    const after = await binlogs(instance);
    expect(totalBytes(before) - totalBytes(after)).toBe(freed);
    expect(totalBytes(after)).toBeLessThanOrEqual(KEEP_BYTES);
    // No more than it takes: whoever was away for a moment still needs them.
    expect(totalBytes(after)).toBeGreaterThan(KEEP_BYTES / 2);
    expect(after).toEqual(before.slice(-after.length));
    // Nothing was written: no transaction, and not a byte in the log in use.
    const now = await position(instance.admin, LIMIT);
    expect(now.executed).toBe(executed);
    expect(now.purged).not.toBe('');
    expect(await purgeBinaryLogs(instance.admin, KEEP_BYTES, LIMIT)).toBe(0);
  }
});

test('the last two stay, and replication goes on', async () => {
  await purgeBinaryLogs(primary.admin, 0, LIMIT);
  expect(await binlogs(primary)).toHaveLength(2);
  await write(1);
  await waitForGtid(replica.admin, await marker(primary.admin, LIMIT), LIMIT);
});

test('somebody who keeps files from being removed is not waited for', async () => {
  await write(15);
  await primary.admin.on('writes', LIMIT, async (session) => {
    await session.run('LOCK INSTANCE FOR BACKUP', [], LIMIT);
    const purged = purgeBinaryLogs(primary.admin, 0, LIMIT);
    await expect(purged).rejects.toMatchObject({ code: 'statement_failed' });
    await session.run('UNLOCK INSTANCE', [], LIMIT);
  });
  expect(await purgeBinaryLogs(primary.admin, 0, LIMIT)).toBeGreaterThan(0);
});

test('what they take is told', async () => {
  // It may still be applying.
  const before = totalBytes(await binlogs(replica));
  const { binaryLogBytes, relayLogBytes } = await sampleStatistics(replica.admin, LIMIT);
  expect(binaryLogBytes).toBeGreaterThanOrEqual(before);
  expect(binaryLogBytes).toBeLessThanOrEqual(totalBytes(await binlogs(replica)));
  expect(relayLogBytes).toBeGreaterThan(0);
});
