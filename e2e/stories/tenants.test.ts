/** Two tenants on the same hosts, deep under a work directory whose path alone is longer than a socket's may be. */
import { beforeAll, expect, it } from 'vitest';
import type { TestCluster } from '../harness/cluster.ts';
import { createCluster, deleteCluster, processesOf, untilGone, untilHealthy } from '../harness/cluster.ts';
import { untilNothingLeft } from '../harness/leftovers.ts';
import { discoverPrimary, discoverReplicas, onPrimary, withSql } from '../harness/sql.ts';
import { workDirOf, readAgents } from '../harness/mesos-view.ts';
import { needs, useStack } from '../harness/use-stack.ts';

const WORK_DIR_LENGTH = 200;
const stack = useStack({ local: { agents: 2, workDirLength: WORK_DIR_LENGTH } });
let blue: TestCluster;
let green: TestCluster;

beforeAll(async () => {
  blue = await createCluster(stack(), 'blue', 2);
  green = await createCluster(stack(), 'green', 2);
  await untilHealthy(stack(), 'blue');
  await untilHealthy(stack(), 'green');
}, 300_000);

it('both serve, though every path is long', async (context) => {
  await needs(context, stack(), 'process control');
  for (const agent of await readAgents(stack()))
    expect((await workDirOf(stack(), agent)).length).toBeGreaterThanOrEqual(WORK_DIR_LENGTH);
  expect(await onPrimary(blue, 'SELECT 1 AS one')).toHaveLength(1);
  expect(await onPrimary(green, 'SELECT 1 AS one')).toHaveLength(1);
});

it('they share hosts and nothing else: no address, no data, no account', async () => {
  const members = [
    ...(await stack().client.get('blue')).members,
    ...(await stack().client.get('green')).members,
  ];
  const addresses = members.flatMap(({ host, port, http_port: http }) => [
    `${host}:${port}`,
    `${host}:${http}`,
  ]);
  expect(new Set(addresses).size).toBe(addresses.length);
  if (stack().mesos.driver) expect(new Set(members.map(({ host }) => host)).size).toBe(2);

  await onPrimary(blue, 'CREATE DATABASE blue_only');
  for (const place of [await discoverPrimary(green), ...(await discoverReplicas(green))]) {
    const databases = await withSql(place, green, async (sql) => (await sql.query('SHOW DATABASES'))[0]);
    expect(JSON.stringify(databases)).not.toContain('blue_only');
    await expect(withSql(place, blue, async () => undefined)).rejects.toThrow(/Access denied/);
  }
});

it('one is deleted: the other does not notice', async () => {
  const { members } = await stack().client.get('blue');
  const gone = await Promise.all(members.map(processesOf));
  const before = await stack().client.get('green');
  const kept = await Promise.all(before.members.map(processesOf));
  await deleteCluster(stack(), 'blue');
  await untilGone(stack(), 'blue');
  await untilNothingLeft(stack(), blue, gone);
  const after = await stack().client.get('green');
  expect(after).toMatchObject({ state: 'HEALTHY', epoch: before.epoch, primary: before.primary });
  expect(await Promise.all(after.members.map(processesOf))).toEqual(kept);
});
