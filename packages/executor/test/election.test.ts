import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USER, TestCluster, type TestInstance } from './cluster.ts';
import { connect } from './mysql.ts';

describe('three executors through an election', () => {
  let cluster: TestCluster;
  let members: [TestInstance, TestInstance, TestInstance];
  let client: Connection;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    members = [await cluster.addInstance(), await cluster.addInstance(), await cluster.addInstance()];
    await cluster.write({});
    for (const member of members) member.run();
    await Promise.all(members.map((member) => member.agent.waitFor('TASK_RUNNING', 60_000)));
  }, 90_000);
  afterAll(async () => {
    if (process.env.SHOW_LOG) for (const member of members) console.log(await member.log());
    await cluster.stop();
  });

  it('forms: one leads, the others follow it, catch up and acknowledge', async () => {
    const [first, ...others] = members;
    await cluster.enthrone(first, [], '');
    await first.untilSettled();
    for (const other of others) {
      const { replication, acks } = await other.untilFollowing();
      expect(replication).toMatchObject({ epoch: 1, source: first.task.instance, attached: true });
      expect(acks).toEqual({ generation: 1, on: false });
    }
    await cluster.change(others, 1);
    for (const other of others) expect((await other.untilFollowing()).acks?.on).toBe(true);
    const { lead } = await first.untilSettled();
    expect(lead).toMatchObject({ epoch: 1, ackCount: 1, enforcing: 2, degrade: null });
    client = await connect(first.task.port, USER);
    await client.query('CREATE DATABASE shop');
    await client.query('CREATE TABLE shop.orders (id INT PRIMARY KEY)');
    await client.query('INSERT INTO shop.orders VALUES (1)');
    expect((await others[0]!.http('/replica?lag=10s')).status).toBe(200);
    expect((await first.http('/primary')).status).toBe(200);
  });

  it('loses its primary and has another in a moment', async () => {
    const [old, winner, sibling] = members;
    const before = await old.until((s) => s.role === 'primary');
    const startedAt = performance.now();
    const times: Record<string, number> = {};
    const lap = (name: string) => (times[name] = Math.round(performance.now() - startedAt));
    process.kill(await old.mysqldPid(), 'SIGKILL');
    await old.until((s) => s.mysqld !== 'serving' || s.incarnation > before.incarnation);
    lap('down');
    await cluster.depose();
    const [report] = await Promise.all([winner, sibling].map((o) => o.until((s) => s.position?.epoch === 2)));
    lap('reported');
    await cluster.enthrone(winner, [sibling], report!.position!.executed);
    const opened = winner.until((s) => s.lead?.epoch === 2).then(() => lap('open'));
    const settled = winner.untilSettled().then(() => lap('settled'));
    await opened;
    const again = await connect(winner.task.port, USER);
    await again.query('INSERT INTO shop.orders VALUES (2)');
    lap('acknowledged');
    await settled;
    await again.end();
    console.log('failover, ms since kill -9:', JSON.stringify(times));
  });

  it('takes the former primary back as a replica', async () => {
    const [old, winner] = members;
    const { replication } = await old.untilFollowing();
    expect(replication).toMatchObject({ epoch: 2, source: winner.task.instance });
    const reader = await connect(old.task.port, USER);
    const [rows] = await reader.query('SELECT id FROM shop.orders ORDER BY id');
    expect(rows).toEqual([{ id: 1 }, { id: 2 }]);
    await expect(reader.query('INSERT INTO shop.orders VALUES (9)')).rejects.toThrow(/read-only/);
    await reader.end();
  });

  it('closes a primary that is deposed while it lives', async () => {
    const [, winner] = members;
    const before = await winner.until((s) => s.role === 'primary');
    await cluster.depose();
    const after = await winner.until((s) => s.position?.epoch === 3, 60_000);
    expect(after.incarnation).toBeGreaterThan(before.incarnation);
    expect(after).toMatchObject({ role: 'none', lead: null });
  });

  it('ends at once when its agent knows it no longer', async () => {
    const [, , refused] = members;
    const pid = await refused.mysqldPid();
    refused.agent.refuse(400);
    expect(await refused.exited()).toBe(3);
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });
});
