/** A cluster grows and shrinks while it is used. */
import { expect, it } from 'vitest';
import type { ClusterDetail } from '@cotton/api';
import type { TestCluster } from '../harness/cluster.ts';
import {
  createHealthy,
  deleteCluster,
  primaryOf,
  processesOf,
  untilGone,
  untilHealthy,
} from '../harness/cluster.ts';
import { mustSucceed } from '../harness/cli.ts';
import { eventually } from '../harness/eventually.ts';
import { untilNothingLeft } from '../harness/leftovers.ts';
import { readAgents } from '../harness/mesos-view.ts';
import { discoverPrimary, discoverReplicas, onPrimary } from '../harness/sql.ts';
import { needs, useStack } from '../harness/use-stack.ts';
import { untilHeld, Writer } from '../harness/writer.ts';

const NAME = 'grows';
const stack = useStack();
let cluster: TestCluster;
let writer: Writer;

it('from 1 to 3: new members get all data, also what was written before they came', async (context) => {
  await needs(context, stack(), '3 agents');
  cluster = await createHealthy(stack(), NAME, 1);
  writer = await Writer.start(cluster);
  await writer.untilMore(50);
  await mustSucceed(stack().cotton(['scale', NAME, '3', '--wait']));
  await writer.untilMore(20);
  expect(await discoverReplicas(cluster)).toHaveLength(2);
  await untilHeld(writer, await discoverReplicas(cluster));
});

it('its user may not purge the binary logs that replicas need', async () => {
  await expect(onPrimary(cluster, 'PURGE BINARY LOGS BEFORE NOW()')).rejects.toThrow(/Access denied/);
});

it('more members than agents: accepted, says what it waits for, never two on one agent', async () => {
  const agents = (await readAgents(stack())).length;
  await mustSucceed(stack().cotton(['scale', NAME, String(agents + 1)]));
  const crowded = await eventually(`${agents} members serve`, async () => {
    const seen = await stack().client.get(NAME);
    if (seen.members_running < agents || !/agent that has no member/.test(seen.reason))
      throw new Error(`${seen.members_running} serve: ${seen.reason}`);
    return seen;
  });
  expect(crowded.members).toHaveLength(agents + 1);
  expect(crowded.state).not.toBe('HEALTHY');
  const placed = crowded.members.filter(({ agent_id: agent }) => agent !== null);
  expect(new Set(placed.map(({ agent_id: agent }) => agent)).size).toBe(agents);
  expect(placed).toHaveLength(agents);
  await writer.untilMore(20);
});

it('down to 2, and to 1: the primary stays, writes go on, the rest is given back', async () => {
  const primary = primaryOf(await stack().client.get(NAME)).id;
  for (const size of [2, 1]) {
    await mustSucceed(stack().cotton(['scale', NAME, String(size), '--wait']));
    const smaller = await untilHealthy(stack(), NAME);
    expect(smaller.members).toHaveLength(size);
    expect(smaller.primary).toBe(primary);
    await writer.untilMore(20);
  }
  await eventually('one agent holds reservations', async () => {
    const holding = (await readAgents(stack())).filter((agent) =>
      JSON.stringify(agent.reserved_resources_full).includes(cluster.uid),
    );
    if (holding.length !== 1) throw new Error(`${holding.length} do`);
  });
  expect(await discoverReplicas(cluster)).toEqual([]);
});

it('afterwards every acknowledged write is there, and deletion leaves nothing', async () => {
  await writer.stop();
  expect(await writer.missingOn(await discoverPrimary(cluster))).toEqual([]);
  const { members }: ClusterDetail = await stack().client.get(NAME);
  const processes = await Promise.all(members.map(processesOf));
  await deleteCluster(stack(), NAME);
  await untilGone(stack(), NAME);
  await untilNothingLeft(stack(), cluster, processes);
});
