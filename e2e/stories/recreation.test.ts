/** Names are for people: what comes under an old name is new, and what is deleted is deleted wherever it lies. */
import { expect, it } from 'vitest';
import { createHealthy, deleteCluster, processesOf, untilGone } from '../harness/cluster.ts';
import type { TestCluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { untilNothingLeft } from '../harness/leftovers.ts';
import { EXIT_CODES_OF } from '../harness/exit-codes.ts';
import { onPrimary, withSql, discoverPrimary } from '../harness/sql.ts';
import { needs, useStack } from '../harness/use-stack.ts';

const NAME = 'demo';
const stack = useStack({ local: { agents: 2 } });
let first: TestCluster;

it('deletion waits for an agent that is away, says so, and is completed when it is back', async (context) => {
  await needs(context, stack(), 'process control');
  first = await createHealthy(stack(), NAME, 2);
  await onPrimary(first, 'CREATE DATABASE old');
  const { members } = await stack().client.get(NAME);
  const processes = await Promise.all(members.map(processesOf));
  const away = stack().mesos.driver!.agents[0]!;
  await away.kill('SIGKILL');
  await deleteCluster(stack(), NAME);

  await eventually('only the volume on the agent that is away is left', async () => {
    const { state, reason, members: left } = await stack().client.get(NAME);
    expect(state).toBe('DELETING');
    if (left.length !== 1 || left[0]?.host !== away.hostname) throw new Error(reason);
  });
  const again = await stack().cotton(['create', NAME, '--user', 'tenant']);
  expect(again.exitCode).toBe(EXIT_CODES_OF.conflict);
  expect(again.stderr).toMatch(/being deleted/);

  await away.start();
  await untilGone(stack(), NAME);
  await untilNothingLeft(stack(), first, processes);
});

it('a cluster created under the old name is another one: no data, no account of the old', async (context) => {
  await needs(context, stack(), '2 agents');
  first ??= await deletedCluster();
  const second = await createHealthy(stack(), NAME, 2);
  expect(second.uid).not.toBe(first.uid);
  expect(await onPrimary(second, "SHOW DATABASES LIKE 'old'")).toEqual([]);
  const withOldPassword = { ...second, password: first.password };
  await expect(
    withSql(await discoverPrimary(second), withOldPassword, async () => undefined),
  ).rejects.toThrow(/Access denied/);
  const { members } = await stack().client.get(NAME);
  const processes = await Promise.all(members.map(processesOf));
  await deleteCluster(stack(), NAME);
  await untilGone(stack(), NAME);
  await untilNothingLeft(stack(), second, processes);
});

/** Where the first story could not be run. */
async function deletedCluster(): Promise<TestCluster> {
  const cluster = await createHealthy(stack(), NAME, 2);
  await onPrimary(cluster, 'CREATE DATABASE old');
  await deleteCluster(stack(), NAME);
  await untilGone(stack(), NAME);
  return cluster;
}
