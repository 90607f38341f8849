import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USER, TestCluster, type TestInstance } from './cluster.ts';
import { connect } from './mysql.ts';
import { Relay } from './relay.ts';

const SESSION_MS = 4_000;
const BOUND_MS = 2_000;

describe('a primary that is cut off', () => {
  let cluster: TestCluster;
  let primary: TestInstance;
  let replica: TestInstance;
  let relay: Relay;

  const write = async (id: number) => {
    const client = await connect(primary.task.port, USER);
    try {
      await client.query('INSERT INTO shop.orders VALUES (?)', [id]);
    } finally {
      client.destroy();
    }
  };
  const report = async (): Promise<{ zookeeper: string; mysqld: string; incarnation: number }> =>
    (await (await primary.http('/status')).json()) as never;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    primary = await cluster.addInstance();
    replica = await cluster.addInstance();
    relay = await Relay.start(primary.task.port);
    const members = [{ ...primary.member, port: relay.port }, replica.member];
    await cluster.write({ heartbeatBoundMs: BOUND_MS, members });
    for (const member of cluster.instances) member.run();
    await Promise.all(cluster.instances.map((member) => member.agent.waitFor('TASK_RUNNING', 60_000)));
    await cluster.enthrone(primary, [], '');
    await replica.untilFollowing();
    await cluster.change([replica], 1);
    await primary.untilSettled();
    const client = await connect(primary.task.port, USER);
    await client.query('CREATE DATABASE shop');
    await client.query('CREATE TABLE shop.orders (id INT PRIMARY KEY)');
    await client.end();
  }, 120_000);
  afterAll(async () => {
    if (process.env.SHOW_LOG) for (const member of cluster.instances) console.log(await member.log());
    relay.stop();
    await cluster.stop();
  });

  it('needs no other writer when a broken connection has swallowed its acknowledgements', async () => {
    relay.isDeaf = true;
    let isDone = false;
    const writing = write(0).then(() => (isDone = true));
    await primary.until((s) => s.lead?.degrade === cluster.control.generation, 20_000);
    // Until as many markers wait as ever do.
    await sleep(4_000);
    expect(isDone).toBe(false);
    relay.isDeaf = false;
    relay.cut();
    await writing;
    await primary.until((s) => s.lead?.degrade === null);
  });

  it('serves on while its writes are acknowledged', async () => {
    const { incarnation } = await report();
    cluster.pauseZooKeeper();
    await expect.poll(async () => (await report()).zookeeper, { timeout: 4 * SESSION_MS }).toBe('lost');
    await sleep(2 * BOUND_MS);
    await write(1);
    expect(await report()).toMatchObject({ zookeeper: 'lost', mysqld: 'serving', incarnation });
    expect((await primary.http('/primary')).status).toBe(200);
  });

  it('is killed when they no longer are, and stays closed', async () => {
    const { incarnation } = await report();
    const pid = await primary.mysqldPid();
    process.kill(await replica.mysqldPid(), 'SIGSTOP');
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
    await expect
      .poll(async () => (await report()).incarnation, { timeout: 60_000 })
      .toBeGreaterThan(incarnation);
    expect((await primary.http('/primary')).status).toBe(503);
    cluster.resumeZooKeeper();
    process.kill(await replica.mysqldPid(), 'SIGCONT');
    const back = await primary.until((s) => s.mysqld === 'serving' && s.incarnation > incarnation, 60_000);
    expect(back).toMatchObject({ role: 'none', lead: null });
    await primary.until((s) => s.message.includes('waits for an election'));
    await expect(write(2)).rejects.toThrow(/read-only/);
  });

  it('alone it serves on: nobody else is electable', async () => {
    await cluster.depose();
    const { position } = await primary.until((s) => s.position?.epoch === 2);
    await cluster.enthrone(primary, [], position!.executed);
    const { incarnation } = await primary.untilSettled();
    cluster.pauseZooKeeper();
    await expect.poll(async () => (await report()).zookeeper, { timeout: 4 * SESSION_MS }).toBe('lost');
    await sleep(2 * BOUND_MS);
    await write(3);
    expect(await report()).toMatchObject({ mysqld: 'serving', incarnation });
    cluster.resumeZooKeeper();
    await primary.until((s) => s.lead !== null && s.incarnation === incarnation);
  });

  it('judges itself when it wakes up after it was stopped', async () => {
    await replica.untilFollowing();
    await cluster.change([replica], 1);
    const { incarnation } = await primary.untilSettled();
    process.kill(await replica.mysqldPid(), 'SIGSTOP');
    process.kill(primary.pid, 'SIGSTOP');
    await sleep(2 * SESSION_MS);
    process.kill(primary.pid, 'SIGCONT');
    await expect
      .poll(async () => (await report()).incarnation, { timeout: 60_000 })
      .toBeGreaterThan(incarnation);
    process.kill(await replica.mysqldPid(), 'SIGCONT');
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
