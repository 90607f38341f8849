import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USER, TestCluster, type TestInstance } from './cluster.ts';
import { connect } from './mysql.ts';

describe('an instance whose data do not fit', () => {
  let cluster: TestCluster;
  let first: TestInstance;
  let second: TestInstance;

  /** Makes `leader` the primary of the next epoch, whatever the others hold. */
  const enthrone = async (leader: TestInstance) => {
    await cluster.enthrone(leader, [], '');
    await leader.untilSettled();
  };

  beforeAll(async () => {
    cluster = await TestCluster.start();
    first = await cluster.addInstance();
    second = await cluster.addInstance();
    await cluster.write({});
    first.run();
    await first.agent.waitFor('TASK_RUNNING', 60_000);
  }, 90_000);
  afterAll(async () => {
    if (process.env.SHOW_LOG) for (const member of cluster.instances) console.log(await member.log());
    await cluster.stop();
  });

  it('is rebuilt from the primary when it holds what the primary has not', async () => {
    await enthrone(first);
    const errant = await connect(first.task.port, USER);
    await errant.query('CREATE DATABASE errant');
    await errant.end();
    const before = await first.until((s) => s.role === 'primary');
    second.run();
    await enthrone(second);
    const client = await connect(second.task.port, USER);
    await client.query('CREATE DATABASE shop');
    await client.end();
    const after = await first.until((s) => s.replication?.caughtUp === true, 60_000);
    expect(after.data!.serverUuid).not.toBe(before.data!.serverUuid);
    const [slice] = after.errant;
    expect(slice?.gtids).toContain(before.data!.serverUuid);
    expect(await readFile(join(first.volume, slice!.file), 'utf8')).toMatch(/CREATE DATABASE errant/);
    const reader = await connect(first.task.port, USER);
    const [rows] = (await reader.query('SHOW DATABASES')) as unknown as [{ Database: string }[]];
    expect(rows.map((row) => row.Database)).toContain('shop');
    expect(rows.map((row) => row.Database)).not.toContain('errant');
    await reader.end();
  }, 120_000);

  it('follows again after its executor was killed and relaunched', async () => {
    await first.crash();
    first.run();
    const status = await first.until((s) => s.replication?.caughtUp === true && s.epoch === 2, 60_000);
    expect(status.data).not.toBeNull();
    expect(status.errant).toHaveLength(1);
  }, 90_000);

  it('does not lead an epoch again that it led before its executor died', async () => {
    await second.crash();
    second.run();
    const status = await second.until((s) => s.mysqld === 'serving', 60_000);
    expect(status.role).toBe('none');
    await expect.poll(async () => (await second.status())?.message).toContain('waits for an election');
    expect((await second.http('/primary')).status).toBe(503);
  }, 90_000);
});
