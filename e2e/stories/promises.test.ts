/** What docs/clustering.md promises, under a writing application: switchover, hold, a hang, going alone, errant tails. */
import type { ClusterDetail, Transition } from '@cotton/api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestCluster } from '../harness/cluster.ts';
import { createHealthy, primaryOf, processesOf, replicasOf, untilHealthy } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { discoverPrimary, discoverReplicas, withSql } from '../harness/sql.ts';
import { needs, useStack } from '../harness/use-stack.ts';
import { untilHeld, Writer } from '../harness/writer.ts';

const NAME = 'promised';
/** Those who hang or are lost are missed for so long. */
const stack = useStack({ flags: { zk_session_timeout: '3secs' } });
let cluster: TestCluster;
let writer: Writer;

beforeAll(async () => {
  cluster = await createHealthy(stack(), NAME, 3);
  writer = await Writer.start(cluster);
});

afterAll(async () => writer?.stop());

it('a switchover hands over to the replica that was asked for, and the old primary follows it', async () => {
  const before = await untilHealthy(stack(), NAME);
  const target = replicasOf(before)[1]!.id;
  const { transition } = await stack().client.switchover(NAME, { to: target });
  expect(await untilEnded(transition)).toMatchObject({ outcome: 'ok', to: target });
  const after = await untilHealthy(stack(), NAME);
  expect(after).toMatchObject({ primary: target, epoch: before.epoch + 1 });
  expect(after.transitions[0]).toMatchObject({ kind: 'switchover', outcome: 'ok', from: before.primary });
  expect(replicasOf(after).map(({ id }) => id)).toContain(before.primary);
  await writer.untilMore(30);
});

it('a switchover that a lock holds up is taken back at its deadline, and writes go on', async () => {
  const before = await untilHealthy(stack(), NAME);
  await withSql(await discoverPrimary(cluster), cluster, async (sql) => {
    await sql.query('CREATE TABLE e2e.locked (id INT PRIMARY KEY)');
    await sql.query('FLUSH TABLES WITH READ LOCK');
    await expect(stack().client.switchover(NAME, {})).rejects.toMatchObject({
      code: 'switchover_refused',
      message: expect.stringContaining(`${before.primary}: a session holds a global read lock`),
    });
    await sql.query('UNLOCK TABLES');
    await sql.query('LOCK TABLES e2e.locked WRITE');
    const { transition } = await stack().client.switchover(NAME, {
      deadline: '2secs',
      grace: '1mins',
      despite_obstacles: true,
    });
    const ended = await untilEnded(transition);
    expect(ended).toMatchObject({ outcome: 'rolled_back', from: before.primary });
    await sql.query('UNLOCK TABLES');
  });
  const after = await untilHealthy(stack(), NAME);
  expect(after).toMatchObject({ primary: before.primary, epoch: before.epoch });
  await writer.untilMore(30);
});

it('under hold a dead primary is not replaced until hold is lifted', async (context) => {
  await needs(context, stack(), 'agent shell');
  await stack().client.hold(NAME, true);
  const primary = await killMysqld();
  await eventually('it waits', async () => {
    const { state, reason } = await stack().client.get(NAME);
    if (state !== 'BLOCKED' || !reason.includes('hold')) throw new Error(`${state}: ${reason}`);
  });
  await stack().client.hold(NAME, false);
  await writer.untilMore(30);
  expect((await untilHealthy(stack(), NAME)).primary).not.toBe(primary);
});

it('a primary whose mysqld hangs is killed and replaced, and acknowledges nothing when it wakes', async (context) => {
  await needs(context, stack(), 'agent shell');
  const primary = primaryOf(await untilHealthy(stack(), NAME));
  const { host, mysqldPid } = await processesOf(primary);
  await stack().mesos.shell!.kill(host, mysqldPid, 'STOP');
  await writer.untilMore(30);
  expect((await untilHealthy(stack(), NAME)).primary).not.toBe(primary.id);
});

it('an executor that sleeps is replaced as primary, and rejoins when it wakes', async (context) => {
  await needs(context, stack(), 'agent shell');
  const primary = primaryOf(await untilHealthy(stack(), NAME));
  const { host, executorPid, mysqldPid } = await processesOf(primary);
  const { shell } = stack().mesos;
  await shell!.kill(host, executorPid, 'STOP');
  await shell!.kill(host, mysqldPid, 'STOP');
  await writer.untilMore(30);
  await shell!.kill(host, mysqldPid, 'CONT');
  await shell!.kill(host, executorPid, 'CONT');
  const after = await untilHealthy(stack(), NAME);
  expect(after.primary).not.toBe(primary.id);
});

it('a primary that has lost all replicas goes on alone, says so, and counts them again when they are back', async (context) => {
  await needs(context, stack(), 'agent shell');
  const before = await untilHealthy(stack(), NAME);
  const replicas = await Promise.all(replicasOf(before).map(processesOf));
  const all = replicas.flatMap(({ host, executorPid, mysqldPid }) => [
    { host, pid: executorPid },
    { host, pid: mysqldPid },
  ]);
  await signalAll(all, 'STOP');
  try {
    await eventually('it goes on alone', async () => {
      const { state, electorate, reason } = await stack().client.get(NAME);
      if (state !== 'DEGRADED' || electorate.at(-1)?.ack_count !== 0) throw new Error(`${state}: ${reason}`);
    });
    await writer.untilMore(30);
  } finally {
    await signalAll(all, 'CONT');
  }
  const after = await untilHealthy(stack(), NAME);
  expect(after).toMatchObject({ primary: before.primary, epoch: before.epoch, settled: true });
  expect(after.electorate.at(-1)).toMatchObject({ ack_count: 1 });
});

it('with min_in_sync 1 it never goes on alone', async (context) => {
  await needs(context, stack(), 'agent shell');
  await stack().client.patch(NAME, { durability: { min_in_sync: 1 } });
  const before = await untilHealthy(stack(), NAME);
  const replicas = await Promise.all(replicasOf(before).map(processesOf));
  const all = replicas.map(({ host, mysqldPid }) => ({ host, pid: mysqldPid }));
  await signalAll(all, 'STOP');
  const acknowledged = writer.acknowledged.length;
  try {
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    // One more may have been on its way.
    expect(writer.acknowledged.length - acknowledged).toBeLessThanOrEqual(1);
    const { electorate, state } = await stack().client.get(NAME);
    expect(electorate.map((g) => g.ack_count)).not.toContain(0);
    // It says that it takes no writes; or another is sought, whose replicas answer.
    expect(['BLOCKED', 'ELECTING']).toContain(state);
  } finally {
    await signalAll(all, 'CONT');
  }
  await writer.untilMore(30);
  await untilHealthy(stack(), NAME);
});

it('afterwards every acknowledged write is on every member, and each change of the primary is on record', async () => {
  const { transitions, epoch } = await untilHealthy(stack(), NAME);
  await writer.stop();
  expect(await writer.missingOn(await discoverPrimary(cluster))).toEqual([]);
  await untilHeld(writer, await discoverReplicas(cluster));
  const done = transitions.filter(({ outcome }) => outcome !== 'rolled_back');
  expect(done.map((transition) => transition.epoch)).toEqual(
    Array.from({ length: epoch }, (_, at) => epoch - at),
  );
  expect(new Set(done.map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
});

async function killMysqld(): Promise<string> {
  const primary = primaryOf(await untilHealthy(stack(), NAME));
  const { host, mysqldPid } = await processesOf(primary);
  await stack().mesos.shell!.kill(host, mysqldPid);
  return primary.id;
}

async function signalAll(all: { host: string; pid: number }[], signal: 'STOP' | 'CONT'): Promise<void> {
  await Promise.all(all.map(({ host, pid }) => stack().mesos.shell!.kill(host, pid, signal)));
}

async function untilEnded(id: string): Promise<Transition> {
  return eventually(`${id} has ended`, async () => {
    const { transitions, state, reason }: ClusterDetail = await stack().client.get(NAME);
    const found = transitions.find((transition) => transition.id === id);
    if (!found) throw new Error(`${state}: ${reason}`);
    return found;
  });
}
