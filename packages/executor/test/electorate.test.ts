import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USER, TestCluster, type TestInstance } from './cluster.ts';
import { connect } from './mysql.ts';

/** Everybody's state that a test changes is put back by it: the order of the stories is the only thing they share. */
describe('a primary and its electorate', () => {
  let cluster: TestCluster;
  let a: TestInstance;
  let b: TestInstance;
  let c: TestInstance;
  let client: Connection;
  let lastId = 0;

  const write = () => client.query('INSERT INTO shop.orders VALUES (?)', [++lastId]);
  /** One acknowledgement settles a change: the other replica may not have read of it yet. */
  const counted = () =>
    Promise.all(
      [b, c].map((o) =>
        o.until(({ acks }) => acks?.on === true && acks.generation === cluster.control.generation),
      ),
    );
  /** Ends only when the write is acknowledged. */
  const acknowledged = async (): Promise<'acknowledged'> => (await write(), 'acknowledged');
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
    [a, b, c] = [await cluster.addInstance(), await cluster.addInstance(), await cluster.addInstance()];
    await cluster.write({});
    for (const member of cluster.instances) member.run();
    await Promise.all(cluster.instances.map((member) => member.agent.waitFor('TASK_RUNNING', 60_000)));
    await cluster.enthrone(a, [], '');
    await Promise.all([b.untilFollowing(), c.untilFollowing()]);
    await cluster.change([b, c], 1);
    await a.untilSettled();
    client = await connect(a.task.port, USER);
    await client.query('CREATE DATABASE shop');
    await client.query('CREATE TABLE shop.orders (id INT PRIMARY KEY)');
  }, 120_000);
  afterAll(async () => {
    client.destroy();
    if (process.env.SHOW_LOG) for (const member of cluster.instances) console.log(await member.log());
    await cluster.stop();
  });

  it('a leaver is locked out before its primary relies on the others', async () => {
    await cluster.change([c], 1, [b]);
    const { lead } = await a.untilSettled();
    expect(lead?.enforcing).toBe(cluster.control.generation);
    // b has stopped acknowledging, and says so; locked out it receives nothing either.
    const silent = await b.until((s) => s.acks?.generation === cluster.control.generation);
    expect(silent.acks?.on).toBe(false);
    await b.until((s) => s.replication?.attached === false);
    expect(await acknowledged()).toBe('acknowledged');
    await cluster.write({ barred: [] });
    await b.untilFollowing();
    await cluster.change([b, c], 1);
    await a.untilSettled();
    await counted();
  });

  it('asks to go on alone when nobody acknowledges, and takes it back when somebody does', async () => {
    for (const replica of [b, c]) process.kill(await replica.mysqldPid(), 'SIGSTOP');
    const waiting = acknowledged();
    const asking = await a.until((s) => s.lead?.degrade === cluster.control.generation, 20_000);
    expect(asking.lead).toMatchObject({ ackCount: 1 });
    expect((await a.http('/primary')).status).toBe(503);
    for (const replica of [b, c]) process.kill(await replica.mysqldPid(), 'SIGCONT');
    expect(await waiting).toBe('acknowledged');
    await a.until((s) => s.lead?.degrade === null);
    await expect.poll(async () => (await a.http('/primary')).status).toBe(200);
  });

  it('goes on alone once control says so, and recovers', async () => {
    for (const replica of [b, c]) process.kill(await replica.mysqldPid(), 'SIGSTOP');
    const waiting = acknowledged();
    await a.until((s) => s.lead?.degrade === cluster.control.generation, 20_000);
    await cluster.change([], 0, [b, c]);
    expect(await waiting).toBe('acknowledged');
    expect((await a.untilSettled()).lead).toMatchObject({ ackCount: 0, degrade: null });
    for (const replica of [b, c]) process.kill(await replica.mysqldPid(), 'SIGCONT');
    for (const replica of [b, c]) expect((await replica.untilFollowing()).acks?.on).toBe(false);
    await cluster.change([b, c], 1);
    expect((await a.untilSettled()).lead).toMatchObject({ ackCount: 1 });
    expect(await acknowledged()).toBe('acknowledged');
  });

  it('an older control changes nothing', async () => {
    await counted();
    const { epoch, epochId, phase, primary, generation, inSync, ackCount } = cluster.control;
    await cluster.write({ generation: generation - 1, ackCount: 0, inSync: [] });
    await cluster.write({ epoch: 0, phase: 'electing', primary: null });
    await cluster.write({ epoch, epochId: 'of another history', generation: generation + 1 });
    // Markers go on under the rules in force.
    expect(await acknowledged()).toBe('acknowledged');
    const status = await a.until((s) => s.lead !== null);
    expect(status.lead).toMatchObject({ enforcing: generation, settled: generation, ackCount: 1 });
    expect(status.epochId).toBe('e1');
    expect((await b.status())?.acks).toEqual({ generation, on: true });
    await cluster.write({ epoch, epochId, phase, primary, generation, inSync, ackCount });
  });

  it('a replica that cannot apply what it receives says that it lags, until it can', async () => {
    const reader = await connect(c.task.port, USER);
    await reader.query('FLUSH TABLES WITH READ LOCK');
    expect(await acknowledged()).toBe('acknowledged');
    const behind = await c.until((s) => s.replication?.lags === true);
    expect(behind).toMatchObject({ replication: { attached: true, caughtUp: true }, acks: { on: true } });
    await reader.query('UNLOCK TABLES');
    await reader.end();
    await c.until((s) => s.replication?.lags === false);
  });

  it('is not killed for a global read lock, however long somebody holds it', async () => {
    const before = await a.until((s) => s.lead !== null);
    const pid = await a.mysqldPid();
    const locker = await connect(a.task.port, USER);
    await locker.query('FLUSH TABLES WITH READ LOCK');
    const waiting = acknowledged();
    const silentMs = async () =>
      ((await (await a.http('/status')).json()) as { heartbeat_age_ms: number }).heartbeat_age_ms;
    const { heartbeatBoundMs } = cluster.control;
    await expect.poll(silentMs, { timeout: 30_000 }).toBeGreaterThan(3 * heartbeatBoundMs);
    await locker.query('UNLOCK TABLES');
    await locker.end();
    expect(await waiting).toBe('acknowledged');
    expect(await a.mysqldPid()).toBe(pid);
    expect(await a.status()).toMatchObject({ role: 'primary', incarnation: before.incarnation });
  });

  it('hands over, and takes it back', async () => {
    const before = await a.until((s) => s.lead !== null);
    await cluster.write({
      phase: 'switching',
      switchover: { id: 's1', target: b.task.instance, graceMs: 200, handedOver: null },
    });
    const closed = await a.until((s) => s.handedOver !== null);
    expect(closed).toMatchObject({ lead: null, role: 'none', incarnation: before.incarnation });
    expect((await a.http('/primary')).status).toBe(503);
    await expect(client.query('SELECT 1')).rejects.toThrow();
    await cluster.write({ phase: 'steady', switchover: null });
    const open = await a.until((s) => s.lead !== null);
    expect(open).toMatchObject({ handedOver: null, incarnation: before.incarnation });
    await a.untilSettled();
    client = await connect(a.task.port, USER);
    expect(await acknowledged()).toBe('acknowledged');
  });

  it('hands over to a replica, and follows it as it is', async () => {
    const before = await a.until((s) => s.lead !== null);
    const switchover = { id: 's2', target: b.task.instance, graceMs: 200, handedOver: null };
    await cluster.write({ phase: 'switching', switchover });
    const { handedOver } = await a.until((s) => s.handedOver !== null);
    await cluster.write({ switchover: { ...switchover, handedOver: handedOver!.executed } });
    await b.until((s) => s.reached === handedOver!.executed);
    await cluster.enthrone(b, [a, c], handedOver!.executed);
    await b.untilSettled();
    client = await connect(b.task.port, USER);
    expect(await acknowledged()).toBe('acknowledged');
    const after = await a.untilFollowing();
    expect(after).toMatchObject({ incarnation: before.incarnation, acks: { on: true } });
    expect((await b.status())?.reached).toBeNull();
    // Another one may have acknowledged that write.
    await expect.poll(() => ids(a)).toEqual(await ids(b));
  });

  it('tells over HTTP how it leads', async () => {
    const report = (await (await b.http('/status')).json()) as Record<string, unknown>;
    const { generation, epoch } = cluster.control;
    expect(report).toMatchObject({ control_generation: generation, barred: [], errant_slices: 0 });
    expect(report.heartbeat_age_ms).toBeTypeOf('number');
    expect(report.steps).toMatchObject({
      epoch,
      steps: expect.arrayContaining([expect.objectContaining({ step: 'open' })]),
    });
    const metrics = await (await b.http('/metrics')).text();
    expect(metrics).toMatch(new RegExp(`^cotton_mysql_settled_generation\\{.*\\} ${generation}$`, 'm'));
    expect(metrics).toMatch(/^cotton_mysql_heartbeat_age_seconds\{.*\} \d/m);
  });

  it('is killed when it hangs, and says so at once', async () => {
    const before = await b.until((s) => s.lead !== null);
    const pid = await b.mysqldPid();
    const waiting = acknowledged().catch(() => 'cut off');
    await waiting;
    process.kill(pid, 'SIGSTOP');
    const after = await b.until((s) => s.mysqld !== 'serving' || s.incarnation > before.incarnation, 20_000);
    expect(after.lead).toBeNull();
    expect((await b.http('/primary')).status).toBe(503);
    await cluster.depose();
    const [report] = await Promise.all([a, c].map((o) => o.until((s) => s.position?.epoch === 3)));
    await cluster.enthrone(a, [c], report!.position!.executed);
    await a.untilSettled();
    client = await connect(a.task.port, USER);
    expect(await acknowledged()).toBe('acknowledged');
    await b.untilFollowing();
    await expect.poll(() => ids(b)).toEqual(await ids(a));
  });
});
