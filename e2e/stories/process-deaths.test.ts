/** Each process of the control plane dies in turn under a writing application: nobody loses a write, no mysqld stops. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MemberProcesses, TestCluster } from '../harness/cluster.ts';
import {
  createHealthy,
  deleteCluster,
  primaryOf,
  processesOf,
  untilGone,
  untilHealthy,
} from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { untilNothingLeft } from '../harness/leftovers.ts';
import { discoverPrimary, discoverReplicas } from '../harness/sql.ts';
import { reviveControlPlane } from '../harness/revive.ts';
import { untilSubscribed } from '../harness/stack.ts';
import { needs, useStack } from '../harness/use-stack.ts';
import { untilHeld, Writer } from '../harness/writer.ts';

const NAME = 'tough';
/** A killed leader, scheduler or master, is missed for so long. */
const SESSION = { zk_session_timeout: '3secs' };
/** Outlasts all of these sessions, and by as much again what a busy machine takes to notice. */
const OUTAGE_MS = 6_000;
const stack = useStack({ flags: SESSION, local: { masterFlags: SESSION, agentFlags: SESSION } });
let cluster: TestCluster;
let writer: Writer;

beforeAll(async () => {
  cluster = await createHealthy(stack(), NAME, 3);
  writer = await Writer.start(cluster);
});

afterAll(async () => writer?.stop());

it('an agent process is killed and restarted: its executor and mysqld go on', async (context) => {
  await needs(context, stack(), 'process control');
  const before = await allProcesses();
  const { member } = before.find(({ member }) => member.role === 'primary')!;
  const agent = stack().mesos.driver!.agents.find(({ hostname }) => hostname === member.host)!;
  await agent.kill('SIGKILL');
  await writer.untilMore(30);
  await agent.start();
  await writer.untilMore(30);
  await untilHealthy(stack(), NAME);
  expect(await allProcesses()).toEqual(before);
});

it('the only master is killed and restarted: clusters serve on, and change again afterwards', async (context) => {
  await needs(context, stack(), 'process control');
  const before = await allProcesses();
  const [master] = stack().mesos.driver!.masters;
  await master!.kill('SIGKILL');
  await writer.untilMore(30);
  expect((await stack().client.get(NAME)).state).toBe('HEALTHY');
  await master!.start();
  await untilSubscribed(stack());
  expect(await allProcesses()).toEqual(before);
});

it('the leading master is killed with a standby there: the scheduler follows', async (context) => {
  await needs(context, stack(), 'process control');
  const before = await allProcesses();
  const { driver } = stack().mesos;
  const standby = await driver!.addMaster();
  await driver!.masters[0]!.kill('SIGKILL');
  await eventually('the scheduler is subscribed with the standby', async () => {
    const { mesos } = await stack().client.list();
    if (!mesos.connected || mesos.master !== standby.address) throw new Error(JSON.stringify(mesos));
  });
  await writer.untilMore(30);
  expect(await allProcesses()).toEqual(before);
});

it('the scheduler is killed: the cluster serves on, and a restarted one finds everything', async () => {
  const before = await allProcesses();
  const { mesos } = await stack().client.list();
  await stack().scheduler.stop('SIGKILL');
  await writer.untilMore(30);
  await stack().scheduler.start();
  await untilSubscribed(stack());
  await untilHealthy(stack(), NAME);
  expect((await stack().client.list()).mesos.framework_id).toBe(mesos.framework_id);
  expect(await allProcesses()).toEqual(before);
});

it('a primary dies while no scheduler runs: the next scheduler elects another, and no write is lost', async (context) => {
  await needs(context, stack(), 'agent shell');
  const { host, executorPid, member } = await processesOf(primaryOf(await stack().client.get(NAME)));
  await stack().scheduler.stop('SIGKILL');
  await stack().mesos.shell!.kill(host, executorPid);
  await stack().scheduler.start();
  await writer.untilMore(30);
  const after = await untilHealthy(stack(), NAME);
  expect(after.members.map(({ id }) => id)).toContain(member.id);
  expect(await writer.missingOn(await discoverPrimary(cluster))).toEqual([]);
});

it('ZooKeeper is down for longer than any session: clusters serve writes all the while', async (context) => {
  await needs(context, stack(), 'own ZooKeeper');
  const before = await untilHealthy(stack(), NAME);
  const processes = await allProcesses();
  await stack().zookeeper!.kill();
  await sleep(OUTAGE_MS);
  await writer.untilMore(30);
  await stack().zookeeper!.restart();
  await reviveControlPlane(stack());
  const after = await untilHealthy(stack(), NAME);
  expect(after.epoch).toBe(before.epoch);
  expect((await allProcesses()).map(({ mysqldPid }) => mysqldPid)).toEqual(
    processes.map(({ mysqldPid }) => mysqldPid),
  );
  await writer.untilMore(30);
});

it('after all of this every acknowledged write is everywhere, and deletion leaves nothing', async () => {
  await untilHealthy(stack(), NAME);
  await writer.stop();
  expect(writer.acknowledged.length).toBeGreaterThan(100);
  expect(await writer.missingOn(await discoverPrimary(cluster))).toEqual([]);
  await untilHeld(writer, await discoverReplicas(cluster));
  const processes = await allProcesses();
  await deleteCluster(stack(), NAME);
  await untilGone(stack(), NAME);
  await untilNothingLeft(stack(), cluster, processes);
});

async function allProcesses(): Promise<MemberProcesses[]> {
  const { members } = await untilHealthy(stack(), NAME);
  return Promise.all(members.map(processesOf));
}
