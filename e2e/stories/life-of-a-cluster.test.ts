import { expect, it } from 'vitest';
import type { MemberProcesses } from '../harness/cluster.ts';
import {
  createHealthy,
  deleteCluster,
  primaryOf,
  processesOf,
  untilGone,
  untilHealthy,
} from '../harness/cluster.ts';
import { untilNothingLeft } from '../harness/leftovers.ts';
import { discoverPrimary, discoverReplicas, rowsOf, withSql } from '../harness/sql.ts';
import { eventually } from '../harness/eventually.ts';
import { needs, useStack } from '../harness/use-stack.ts';
import { untilHeld, Writer } from '../harness/writer.ts';

const stack = useStack();

it('create, write, kill the primary, write again, delete: nothing is lost and nothing is left', async (context) => {
  await needs(context, stack(), 'agent shell', '3 agents');
  const cluster = await createHealthy(stack(), 'life', 3);
  expect(await discoverReplicas(cluster)).toHaveLength(2);
  const writer = await Writer.start(cluster);
  await writer.untilMore(50);

  const before = await stack().client.get('life');
  const { host, mysqldPid } = await processesOf(primaryOf(before));
  await stack().mesos.shell?.kill(host, mysqldPid);
  await writer.untilMore(50);
  const after = await untilHealthy(stack(), 'life');
  await writer.untilMore(50);
  await writer.stop();

  expect(after.epoch).toBeGreaterThan(before.epoch);
  expect(await writer.missingOn(await discoverPrimary(cluster))).toEqual([]);
  await untilHeld(writer, await discoverReplicas(cluster));
  await onlyThePrimaryTakesWrites(cluster);

  const processes: MemberProcesses[] = await Promise.all(after.members.map(processesOf));
  await deleteCluster(stack(), 'life');
  await untilGone(stack(), 'life');
  await untilNothingLeft(stack(), cluster, processes);
});

async function onlyThePrimaryTakesWrites(cluster: Parameters<typeof discoverPrimary>[0]): Promise<void> {
  const primary = await discoverPrimary(cluster);
  await eventually('two replicas are published', async () => {
    if ((await discoverReplicas(cluster)).length !== 2) throw new Error('not yet');
  });
  const writable = (sql: Parameters<typeof rowsOf>[0]) => rowsOf(sql, 'SELECT @@read_only AS closed');
  expect(await withSql(primary, cluster, writable)).toMatchObject([{ closed: 0 }]);
  for (const replica of await discoverReplicas(cluster)) {
    expect(await withSql(replica, cluster, writable)).toMatchObject([{ closed: 1 }]);
    const write = withSql(replica, cluster, (sql) => sql.query('INSERT INTO e2e.writes VALUES (-1)'));
    await expect(write).rejects.toThrow(/read-only/);
  }
}
