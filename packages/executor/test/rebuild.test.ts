import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replicationAccount } from '../src/accounts.ts';
import { keepBusy } from './busy-donor.ts';
import { REPLICATION_PASSWORD, USER, TestCluster, type TestInstance } from './cluster.ts';
import { connect } from './mysql.ts';

describe('an instance whose data do not fit', () => {
  let cluster: TestCluster;
  let first: TestInstance;
  let second: TestInstance;
  let formerUuid: string | undefined;

  const ids = async (instance: TestInstance): Promise<number[]> => {
    const reader = await connect(instance.task.port, USER);
    const [rows] = (await reader.query('SELECT id FROM shop.orders ORDER BY id')) as unknown as [
      { id: number }[],
    ];
    await reader.end();
    return rows.map(({ id }) => id);
  };

  beforeAll(async () => {
    cluster = await TestCluster.start();
    first = await cluster.addInstance();
    second = await cluster.addInstance();
    await cluster.write({});
    for (const member of cluster.instances) member.run();
    await Promise.all(cluster.instances.map((member) => member.agent.waitFor('TASK_RUNNING', 60_000)));
    await cluster.enthrone(first, [], '');
    await second.untilFollowing();
    await cluster.change([second], 1);
    await first.untilSettled();
    const client = await connect(first.task.port, USER);
    await client.query('CREATE DATABASE shop');
    await client.query('CREATE TABLE shop.orders (id INT PRIMARY KEY)');
    await client.query('INSERT INTO shop.orders VALUES (1)');
    await client.end();
  }, 120_000);
  afterAll(async () => {
    if (process.env.SHOW_LOG) for (const member of cluster.instances) console.log(await member.log());
    await cluster.stop();
  });

  it('is not rebuilt while it is counted on', async () => {
    const before = await first.until((s) => s.lead !== null);
    formerUuid = before.data?.serverUuid;
    // A write that nobody but its primary has when that dies: it was never acknowledged.
    await second.crash();
    const client = await connect(first.task.port, USER);
    const unacknowledged = expect(client.query('INSERT INTO shop.orders VALUES (2)')).rejects.toThrow();
    await first.until((s) => s.lead?.degrade === cluster.control.generation, 20_000);
    process.kill(await first.mysqldPid(), 'SIGKILL');
    await unacknowledged;
    await cluster.depose();
    second.run();
    const { position } = await second.until((s) => s.position?.epoch === 2, 60_000);
    await cluster.enthrone(second, [first], position!.executed);
    const refusing = await first.until((s) => s.message.includes('still counted on'), 60_000);
    expect(refusing).toMatchObject({ mysqld: 'serving', errant: [], data: before.data });
  }, 120_000);

  it('keeps what it has and waits for its turn, while its source is copied to somebody else', async () => {
    const { host, port } = second.task;
    const { data } = await second.until((s) => s.data !== null);
    const account = replicationAccount(first.task.serverId, REPLICATION_PASSWORD);
    const source = { host, port, ...account, serverUuid: data!.serverUuid };
    const before = await first.until((s) => s.mysqld === 'serving');
    const other = await keepBusy(source, join(cluster.directory, 'other'));
    await cluster.change([], 0);
    const waiting = await first.until((s) => s.message.includes('waits for its turn'), 60_000);
    const { incarnation } = before;
    expect(waiting).toMatchObject({ mysqld: 'serving', data: before.data, incarnation, replication: null });
    await other.kill();
  }, 120_000);

  it('is rebuilt from the primary, and what only it had is saved', async () => {
    await second.untilSettled();
    const after = await first.untilFollowing();
    expect(after.data!.serverUuid).not.toBe(formerUuid);
    const [slice] = after.errant;
    expect(slice?.gtids).toMatch(new RegExp(`^${formerUuid}:`));
    const text = await readFile(join(first.volume, slice!.file), 'utf8');
    expect(text).toMatch(/### INSERT INTO `shop`.`orders`\n### SET\n### {3}@1=2\n/);
    expect(await ids(first)).toEqual([1]);
    expect(await ids(second)).toEqual([1]);
  }, 120_000);

  it('follows again after its executor was killed and relaunched', async () => {
    await first.crash();
    first.run();
    const status = await first.until((s) => s.replication?.caughtUp === true && s.epoch === 2, 60_000);
    expect(status.errant).toHaveLength(1);
  }, 90_000);

  it('that lost its relay logs follows anew, once it is no longer counted on', async () => {
    await cluster.change([first], 1);
    await second.untilSettled();
    await first.crash();
    await rm(join(first.volume, 'data/relay.index'));
    first.run();
    const refusing = await first.until((s) => s.message.includes('cannot read what it received'), 60_000);
    expect(refusing.message).toContain('still counted on');
    await cluster.change([], 0);
    const { data } = await first.untilFollowing();
    expect(data).toEqual(refusing.data);
    await second.untilSettled();
    const client = await connect(second.task.port, USER);
    await client.query('INSERT INTO shop.orders VALUES (3)');
    await client.end();
    await expect.poll(() => ids(first), { timeout: 10_000 }).toEqual([1, 3]);
  }, 120_000);

  it('does not lead an epoch again that it led before its executor died', async () => {
    await second.crash();
    second.run();
    const status = await second.until((s) => s.mysqld === 'serving', 60_000);
    expect(status.role).toBe('none');
    await expect.poll(async () => (await second.status())?.message).toContain('waits for an election');
    expect((await second.http('/primary')).status).toBe(503);
  }, 90_000);

  it('obeys no control of another history', async () => {
    await cluster.write({ epochId: 'another', phase: 'electing', primary: null });
    await second.crash();
    second.run();
    const status = await second.until((s) => s.message.includes('another'), 60_000);
    expect(status).toMatchObject({ epoch: 2, epochId: 'e2', position: null, role: 'none' });
  }, 90_000);
});
