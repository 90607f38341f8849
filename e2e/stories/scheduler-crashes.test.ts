/** The scheduler is killed in the middle of whatever it does: nothing is lost, nothing is made twice. */
import { type ClusterDetail, newIdempotencyKey, type Transition } from '@cotton/api';
import { expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestCluster } from '../harness/cluster.ts';
import { primaryOf, processesOf, untilGone, untilHealthy } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { untilNothingLeft } from '../harness/leftovers.ts';
import { readAgents, readLiveTasks } from '../harness/mesos-view.ts';
import { discoverPrimary, onPrimary } from '../harness/sql.ts';
import type { Stack } from '../harness/stack.ts';
import { untilSubscribed } from '../harness/stack.ts';
import { needs, useStack } from '../harness/use-stack.ts';
import { Writer } from '../harness/writer.ts';

const NAME = 'crashes';
const PASSWORD = 'crash test password';
/** Pauses before the next kill: while a request is under way, while tasks are launched, while members form. */
const MOMENTS_MS = [0, 300, 1_500];

/** A killed scheduler's leadership lasts as long as its session. */
const stack = useStack({ flags: { zk_session_timeout: '2secs' } });
let cluster: TestCluster;

it('killed while it creates: the same request, repeated, makes one cluster with its members', async (context) => {
  await needs(context, stack(), '3 agents');
  const request = {
    cluster_user: 'tenant',
    num_nodes: 2,
    size: { cpus: 0.4, mem: '512mb', disk: '1gb' },
    cluster_password: PASSWORD,
  };
  const idempotencyKey = newIdempotencyKey();
  const repeat = () => stack().client.create(NAME, request, { idempotencyKey });
  const [made] = await Promise.all([repeat(), crashAtEachMoment(stack())]);
  const { uid, cluster_url: url } = made;
  cluster = { name: NAME, uid, url, user: 'tenant', password: PASSWORD };
  expect((await repeat()).uid).toBe(uid);
  await untilHealthy(stack(), NAME);
  await expectExactly(2);
});

it('killed while it scales: exactly the wanted members, data kept', async () => {
  await onPrimary(cluster, 'CREATE DATABASE kept');
  await Promise.all([stack().client.patch(NAME, { num_nodes: 3 }), crashAtEachMoment(stack())]);
  await untilHealthy(stack(), NAME);
  await expectExactly(3);
  expect(await onPrimary(cluster, "SHOW DATABASES LIKE 'kept'")).toHaveLength(1);
});

it('killed while it switches over: it comes to its end, whichever, and no write is lost', async () => {
  const { epoch, primary } = await untilHealthy(stack(), NAME);
  const writer = await Writer.start(cluster);
  const begun = await stack().client.switchover(NAME, { epoch });
  await crashAtEachMoment(stack());
  const { ended, after } = await untilOver(begun.transition);
  expect(['ok', 'rolled_back']).toContain(ended.outcome);
  expect(after.primary).toBe(ended.outcome === 'ok' ? begun.to : primary);
  await expectNothingLost(writer);
});

it('killed while it replaces a primary: one election, and no write is lost', async (context) => {
  await needs(context, stack(), 'agent shell');
  const before = await untilHealthy(stack(), NAME);
  const writer = await Writer.start(cluster);
  const { host, mysqldPid } = await processesOf(primaryOf(before));
  await stack().mesos.shell!.kill(host, mysqldPid);
  await crashAtEachMoment(stack());
  await expectNothingLost(writer);
  const { epoch, transitions } = await untilHealthy(stack(), NAME);
  expect(epoch).toBeGreaterThan(before.epoch);
  expect(transitions[0]).toMatchObject({ kind: 'failover', outcome: 'ok', from: before.primary });
});

it('killed while it deletes: the deletion is completed', async () => {
  const { members } = await stack().client.get(NAME);
  const processes = await Promise.all(members.map(processesOf));
  await stack().client.delete(NAME, PASSWORD);
  await crashAtEachMoment(stack());
  await untilGone(stack(), NAME);
  await untilNothingLeft(stack(), cluster, processes);
  expect((await stack().client.list()).clusters).toEqual([]);
});

async function crashAtEachMoment(stack: Stack): Promise<void> {
  for (const moment of MOMENTS_MS) {
    await sleep(moment);
    await stack.scheduler.stop('SIGKILL');
    await stack.scheduler.start();
    await untilSubscribed(stack);
  }
}

async function untilOver(id: string): Promise<{ ended: Transition; after: ClusterDetail }> {
  return eventually(`${id} is over`, async () => {
    const after = await stack().client.get(NAME);
    const ended = after.transitions.find((one) => one.id === id);
    if (!ended) throw new Error(`${after.state}: ${after.reason}`);
    return { ended, after };
  });
}

async function expectNothingLost(writer: Writer): Promise<void> {
  await writer.untilMore(30);
  await writer.stop();
  await untilHealthy(stack(), NAME);
  expect(await writer.missingOn(await discoverPrimary(cluster))).toEqual([]);
}

/** Counted by Mesos, not by the scheduler: tasks, and instances that something is reserved for. */
async function expectExactly(members: number): Promise<void> {
  const tasks = (await readLiveTasks(stack())).filter(({ id }) => id.includes(cluster.uid));
  expect(tasks.map(({ state }) => state)).toEqual(Array(members).fill('TASK_RUNNING'));
  expect(new Set(tasks.map(({ slave_id }) => slave_id)).size).toBe(members);
  const reserving = (await readAgents(stack())).filter((agent) =>
    JSON.stringify(agent.reserved_resources_full).includes(cluster.uid),
  );
  expect(reserving).toHaveLength(members);
}
