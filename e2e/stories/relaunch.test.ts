/** What dies comes back where its data is. */
import { expect, it } from 'vitest';
import type { MemberView } from '@cotton/api';
import type { TestCluster } from '../harness/cluster.ts';
import { createHealthy, primaryOf, processesOf, replicasOf, untilHealthy } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { discoverPrimary, discoverReplicas, onPrimary } from '../harness/sql.ts';
import { needs, useStack } from '../harness/use-stack.ts';
import { untilHeld, Writer } from '../harness/writer.ts';

const NAME = 'returns';
/** Agents count as lost after 3 seconds instead of 75, members after 3 instead of 6. */
const stack = useStack({
  flags: { zk_session_timeout: '3secs' },
  local: { masterFlags: { agent_ping_timeout: '1secs', max_agent_ping_timeouts: '3' } },
});
let cluster: TestCluster;
let writer: Writer;

it('an executor is killed: its mysqld goes with it, and the task comes back on its own volume', async (context) => {
  await needs(context, stack(), 'agent shell', '3 agents');
  cluster = await createHealthy(stack(), NAME, 3);
  writer = await Writer.start(cluster);
  const [replica] = replicasOf(await untilHealthy(stack(), NAME));
  const { host, mysqldPid, executorPid } = await processesOf(replica!);
  await stack().mesos.shell!.kill(host, executorPid);
  await eventually('its mysqld is gone', async () => {
    if (await stack().mesos.shell!.isRunning(host, mysqldPid)) throw new Error('it runs');
  });
  await expectReturned(replica!);
});

it('the only member of a cluster is killed: it comes back with its data', async (context) => {
  await needs(context, stack(), 'agent shell');
  const single = await createHealthy(stack(), 'single', 1);
  await onPrimary(single, 'CREATE DATABASE kept');
  const { members } = await stack().client.get('single');
  const { host, executorPid } = await processesOf(members[0]!);
  await stack().mesos.shell!.kill(host, executorPid);
  await eventually('another task serves', async () => {
    const seen = await stack().client.get('single');
    if (seen.state !== 'HEALTHY' || seen.members[0]?.task_id === members[0]?.task_id)
      throw new Error(`${seen.state}: ${seen.reason}`);
  });
  const after = (await stack().client.get('single')).members[0];
  expect(after).toMatchObject({ id: members[0]!.id, agent_id: members[0]!.agent_id });
  expect(await onPrimary(single, "SHOW DATABASES LIKE 'kept'")).toHaveLength(1);
});

it('an agent is cut off while its mysqld lives: shown as unreachable, and back without a restart', async (context) => {
  await needs(context, stack(), 'process control');
  const [replica] = replicasOf(await untilHealthy(stack(), NAME));
  const before = await processesOf(replica!);
  const agent = agentOf(replica!);
  agent.freeze();
  try {
    await untilState(replica!.id, 'UNREACHABLE');
    await writer.untilMore(30);
  } finally {
    agent.thaw();
  }
  await untilState(replica!.id, 'RUNNING');
  const after = await untilHealthy(stack(), NAME);
  expect(await processesOf(after.members.find(({ id }) => id === replica!.id)!)).toEqual(before);
});

it("the primary's whole host is lost and comes back: another leads, the old one follows on its own volume", async (context) => {
  await needs(context, stack(), 'process control');
  const primary = primaryOf(await untilHealthy(stack(), NAME));
  const { host, executorPid } = await processesOf(primary);
  const agent = agentOf(primary);
  await agent.kill('SIGKILL');
  await stack().mesos.shell!.kill(host, executorPid);
  await writer.untilMore(30);
  await untilState(primary.id, 'UNREACHABLE');
  expect((await stack().client.get(NAME)).primary).not.toBe(primary.id);
  await agent.start();
  await expectReturned(primary);
});

it('afterwards every acknowledged write is on every member', async () => {
  await writer.stop();
  expect(await writer.missingOn(await discoverPrimary(cluster))).toEqual([]);
  expect(await discoverReplicas(cluster)).toHaveLength(2);
  await untilHeld(writer, await discoverReplicas(cluster));
});

/** The same instance on the same agent, as another task. */
async function expectReturned(lost: MemberView): Promise<void> {
  await eventually(`${lost.id} runs as another task`, async () => {
    const member = (await stack().client.get(NAME)).members.find(({ id }) => id === lost.id);
    if (member?.task_id === lost.task_id || member?.state !== 'RUNNING') throw new Error(member?.message);
  });
  const after = await untilHealthy(stack(), NAME);
  const { agent_id, host } = lost;
  expect(after.members.find(({ id }) => id === lost.id)).toMatchObject({ agent_id, host });
}

async function untilState(id: string, state: MemberView['state']): Promise<void> {
  await eventually(`${id} is ${state}`, async () => {
    const member = (await stack().client.get(NAME)).members.find((one) => one.id === id);
    if (member?.state !== state) throw new Error(`${member?.state}: ${member?.message}`);
  });
}

function agentOf(member: MemberView) {
  const agent = stack().mesos.driver!.agents.find(({ hostname }) => hostname === member.host);
  if (!agent) throw new Error(`${member.id} is on no agent of ours`);
  return agent;
}
