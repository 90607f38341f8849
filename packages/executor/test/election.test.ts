import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USER, TestCluster, type TestInstance } from './cluster.ts';
import { connect } from './mysql.ts';

describe('three executors through an election', () => {
  let cluster: TestCluster;
  let members: TestInstance[];
  let client: Connection;

  const voter = async (instance: TestInstance) => {
    const { data } = await instance.until((s) => s.data !== null);
    return { instance: instance.task.instance, ...data! };
  };

  beforeAll(async () => {
    cluster = await TestCluster.start();
    for (let n = 0; n < 3; n++) await cluster.addInstance();
    members = cluster.instances;
    await cluster.write({});
    for (const member of members) member.run();
    await Promise.all(members.map((member) => member.agent.waitFor('TASK_RUNNING', 60_000)));
  }, 90_000);
  afterAll(async () => {
    if (process.env.SHOW_LOG) for (const member of members) console.log(await member.log());
    await cluster.stop();
  });

  it('forms: one leads, the others follow it and catch up', async () => {
    const [first, ...others] = members as [TestInstance, ...TestInstance[]];
    const { serverUuid } = await voter(first);
    const candidate = first.task.instance;
    await cluster.write({ epoch: 1, phase: 'promoting', candidate, elected: '', sourceUuid: serverUuid });
    await first.until((s) => s.appliedEpoch === 1);
    await cluster.write({ phase: 'steady', primary: candidate, candidate: null, elected: null });
    await first.until((s) => s.role === 'primary');
    for (const other of others) {
      const { replication } = await other.until((s) => s.replication?.caughtUp === true);
      expect(replication).toMatchObject({ epoch: 1, source: candidate, attached: true, semiSync: false });
    }
    await cluster.write({ inSync: await Promise.all(others.map(voter)) });
    for (const other of others) await other.until((s) => s.replication?.semiSync === true);
    await cluster.write({ ackCount: 1 });
    await first.until((s) => s.ackCount === 1);
    client = await connect(first.task.port, USER);
    await client.query('CREATE DATABASE shop');
    await client.query('CREATE TABLE shop.orders (id INT PRIMARY KEY)');
    await client.query('INSERT INTO shop.orders VALUES (1)');
    expect((await others[0]!.http('/replica?lag=10s')).status).toBe(200);
  });

  it('loses its primary and has another in a moment', async () => {
    const [old, ...others] = members as [TestInstance, TestInstance, TestInstance];
    const [winner, sibling] = others;
    const before = await old.until((s) => s.role === 'primary');
    process.kill(await old.mysqldPid(), 'SIGKILL');
    const startedAt = performance.now();
    const times: Record<string, number> = {};
    const lap = (name: string) => (times[name] = Math.round(performance.now() - startedAt));
    await old.until((s) => s.mysqld === 'down' || s.incarnation > before.incarnation);
    lap('down');
    await cluster.write({ epoch: 2, phase: 'electing', primary: null });
    const reports = await Promise.all(others.map((o) => o.until((s) => s.position?.epoch === 2)));
    lap('reported');
    const elected = reports[0]!.position!.received || reports[0]!.position!.executed;
    const sourceUuid = reports[0]!.data!.serverUuid;
    const candidate = winner.task.instance;
    await cluster.write({ phase: 'promoting', candidate, elected, sourceUuid });
    await Promise.all([
      winner.until((s) => s.appliedEpoch === 2).then(() => lap('applied')),
      sibling
        .until((s) => s.replication?.epoch === 2 && s.replication.caughtUp && s.replication.semiSync)
        .then(() => lap('attached')),
    ]);
    await cluster.write({
      phase: 'steady',
      primary: candidate,
      candidate: null,
      elected: null,
      inSync: [await voter(sibling)],
    });
    await winner.until((s) => s.role === 'primary' && s.epoch === 2);
    lap('primary');
    const again = await connect(winner.task.port, USER);
    await again.query('INSERT INTO shop.orders VALUES (2)');
    lap('acknowledged');
    await again.end();
    console.log('failover, ms since kill -9:', JSON.stringify(times));
  });

  it('takes the former primary back as a replica', async () => {
    const [old, winner] = members as [TestInstance, TestInstance];
    const { replication } = await old.until((s) => s.replication?.caughtUp === true, 60_000);
    expect(replication).toMatchObject({ epoch: 2, source: winner.task.instance });
    const reader = await connect(old.task.port, USER);
    const [rows] = await reader.query('SELECT id FROM shop.orders ORDER BY id');
    expect(rows).toEqual([{ id: 1 }, { id: 2 }]);
    await expect(reader.query('INSERT INTO shop.orders VALUES (9)')).rejects.toThrow(/read-only/);
    await reader.end();
  });

  it('closes a primary that is deposed while it lives', async () => {
    const winner = members[1]!;
    const before = await winner.until((s) => s.role === 'primary');
    await cluster.write({ epoch: 3, phase: 'electing', primary: null });
    const after = await winner.until((s) => s.position?.epoch === 3, 60_000);
    expect(after.incarnation).toBeGreaterThan(before.incarnation);
    expect(after.role).toBe('none');
  });

  it('ends at once when its agent knows it no longer', async () => {
    const refused = members[2]!;
    const pid = await refused.mysqldPid();
    refused.agent.refuse(400);
    expect(await refused.exited()).toBe(3);
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });
});
