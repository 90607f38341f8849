import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USER, TestCluster, type TestInstance } from './cluster.ts';
import { connect } from './mysql.ts';

describe('one executor, from start through the death of its mysqld', () => {
  let cluster: TestCluster;
  let only: TestInstance;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    only = await cluster.addInstance();
    await cluster.write({});
    only.run();
  });
  afterAll(async () => {
    if (process.env.SHOW_LOG) console.log(await only.log());
    await cluster.stop();
  });

  it('reports its phases and runs once mysqld serves', async () => {
    await only.agent.waitFor('TASK_RUNNING');
    const phases = only.agent.updates.filter((u) => u.state === 'TASK_STARTING').map((u) => u.message);
    expect(phases).toContain('installing MySQL');
    expect(phases).toContain('starting mysqld');
    const status = await only.until((s) => s.mysqld === 'serving');
    expect(status).toMatchObject({ role: 'none', epoch: 0, position: null });
    const { agentId, host: hostname, address, port, httpPort, volumeId } = only.task;
    expect(status.place).toEqual({ agentId, hostname, address, port, httpPort, volumeId });
    expect((await only.http('/healthz')).status).toBe(200);
    expect((await only.http('/primary')).status).toBe(503);
  });

  it('leads when control says so', async () => {
    await cluster.enthrone(only, [], '');
    const status = await only.untilSettled();
    expect(status).toMatchObject({ epoch: 1, lead: { epoch: 1, ackCount: 0, degrade: null } });
    await expect.poll(async () => (await only.http('/primary')).status).toBe(200);
    await expect
      .poll(() => connect(only.task.port, USER).then((c) => c.end().then(() => 'in'), String), {
        timeout: 5_000,
      })
      .toBe('in');
    const client = await connect(only.task.port, USER);
    await client.query('CREATE DATABASE shop');
    await client.query('CREATE TABLE shop.orders (id INT PRIMARY KEY)');
    await client.query('INSERT INTO shop.orders VALUES (1)');
    await client.end();
  });

  it('names what would hold a switchover up, and no statement', async () => {
    const obstacles = async () => (await only.http('/obstacles')).json();
    expect(await obstacles()).toEqual({ obstacles: [] });
    const client = await connect(only.task.port, USER);
    await client.query('FLUSH TABLES WITH READ LOCK');
    const locked = { obstacles: ['a session holds a global read lock'] };
    expect(await Promise.all([obstacles(), obstacles()])).toEqual([locked, locked]);
    await client.query('UNLOCK TABLES');
    expect(await obstacles()).toEqual({ obstacles: [] });
    await client.end();
  });

  it('says that mysqld died, and does not lead the same epoch again', async () => {
    const before = await only.until((s) => s.role === 'primary');
    process.kill(await only.mysqldPid(), 'SIGKILL');
    await only.until((s) => s.mysqld !== 'serving' || s.incarnation > before.incarnation);
    const after = await only.until((s) => s.mysqld === 'serving' && s.incarnation > before.incarnation);
    expect(after.role).toBe('none');
    const client = await connect(only.task.port, USER);
    await expect(client.query('INSERT INTO shop.orders VALUES (2)')).rejects.toThrow(/read-only/);
    await client.end();
    expect((await only.http('/primary')).status).toBe(503);
    const unasked = await only.http('/obstacles');
    expect([unasked.status, await unasked.json()]).toEqual([503, { status: 'not the primary' }]);
  });

  it('is not killed for its silence while it starts after a crash', async () => {
    const { heartbeatBoundMs } = cluster.control;
    await cluster.write({ heartbeatBoundMs: 1_000 });
    const crashed = await only.mysqldPid();
    process.kill(crashed, 'SIGKILL');
    await expect
      .poll(() => only.mysqldPid(), { timeout: 20_000, interval: 10 })
      .not.toBeOneOf([null, crashed]);
    const pid = await only.mysqldPid();
    process.kill(pid, 'SIGSTOP');
    expect(await only.status()).toMatchObject({ mysqld: 'starting' });
    // Longer than one that serves may be silent, however busy it is.
    await sleep(7_000);
    process.kill(pid, 'SIGCONT');
    await only.until((s) => s.mysqld === 'serving');
    expect(await only.mysqldPid()).toBe(pid);
    await cluster.write({ heartbeatBoundMs });
  });

  it('reports its position for the next epoch, and leads that', async () => {
    await cluster.depose();
    const { position } = await only.until((s) => s.position?.epoch === 2);
    await cluster.enthrone(only, [], position!.executed);
    await only.untilSettled();
    const client = await connect(only.task.port, USER);
    await client.query('INSERT INTO shop.orders VALUES (3)');
    const [rows] = await client.query('SELECT id FROM shop.orders ORDER BY id');
    expect(rows).toEqual([{ id: 1 }, { id: 3 }]);
    await client.end();
  });

  it('shows metrics of MySQL', async () => {
    const text = await (await only.http('/metrics')).text();
    expect(text).toMatch(/^cotton_mysql_primary\{.*instance="demo-0".*\} 1$/m);
    expect(text).toMatch(/^cotton_mysql_questions_total\{.*\} \d+$/m);
    expect((await only.http('/replica?lag=soon')).status).toBe(400);
    expect((await only.http('/replica?lag=10s')).status).toBe(503);
  });

  it('stops in order when it is killed', async () => {
    only.agent.kill();
    await only.agent.waitFor('TASK_KILLED');
    expect(await only.exited()).toBe(0);
    expect(only.agent.updates.some((u) => u.state === 'TASK_KILLING')).toBe(true);
    expect(await only.status()).toBeUndefined();
  });
});
