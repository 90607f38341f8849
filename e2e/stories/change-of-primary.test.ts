/** An operator changes the primary, or forbids that anybody else does, under a writing application. */
import type { ClusterDetail } from '@cotton/api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXIT_CODES_OF } from '../harness/exit-codes.ts';
import type { TestCluster } from '../harness/cluster.ts';
import { createHealthy, primaryOf, processesOf, replicasOf, untilHealthy } from '../harness/cluster.ts';
import { mustSucceed } from '../harness/cli.ts';
import { eventually } from '../harness/eventually.ts';
import { discoverPrimary, discoverReplicas } from '../harness/sql.ts';
import { needs, useStack } from '../harness/use-stack.ts';
import { untilHeld, Writer } from '../harness/writer.ts';

const NAME = 'steered';
const stack = useStack();
let cluster: TestCluster;
let writer: Writer;

beforeAll(async () => {
  cluster = await createHealthy(stack(), NAME, 3);
  writer = await Writer.start(cluster);
});

afterAll(async () => writer?.stop());

it('cotton switchover moves the primary to where it is wanted, and writers go on there', async () => {
  const before = await untilHealthy(stack(), NAME);
  const [target] = replicasOf(before);
  await mustSucceed(stack().cotton(['switchover', NAME, '--to', target!.id, '--deadline', '60s']));
  const after = await untilHealthy(stack(), NAME);
  expect(after).toMatchObject({ primary: target!.id, epoch: before.epoch + 1 });
  expect(after.transitions[0]).toMatchObject({
    kind: 'switchover',
    outcome: 'ok',
    from: before.primary,
    to: target!.id,
    steps: [{ step: 'began' }, { step: 'closed' }, { step: 'decided' }, { step: 'opened' }],
  });
  await writer.untilMore(30);
  expect(await discoverPrimary(cluster)).toMatchObject({ host: target!.host, port: target!.port });
});

it('refuses what cannot be: to the primary itself, to nobody, to one that shall never be', async () => {
  const { primary, in_sync, epoch } = await untilHealthy(stack(), NAME);
  const never = in_sync[0]!;
  await mustSucceed(stack().cotton(['promotion', NAME, never, 'never']));
  for (const [to, exitCode] of [
    [primary!, EXIT_CODES_OF.not_possible],
    [`${NAME}-99`, EXIT_CODES_OF.not_found],
    [never, EXIT_CODES_OF.not_possible],
  ] as const)
    expect((await stack().cotton(['switchover', NAME, '--to', to])).exitCode).toBe(exitCode);
  expect(await stack().client.get(NAME)).toMatchObject({ primary, epoch });
  await mustSucceed(stack().cotton(['promotion', NAME, never, 'neutral']));
});

it('under hold a lost primary is not replaced before somebody asks', async (context) => {
  await needs(context, stack(), 'agent shell');
  await mustSucceed(stack().cotton(['hold', NAME, 'on']));
  const before = await untilHealthy(stack(), NAME);
  const { host, mysqldPid } = await processesOf(primaryOf(before));
  await stack().mesos.shell!.kill(host, mysqldPid);
  await eventually('it is BLOCKED', async () => {
    const { state, reason, epoch } = await stack().client.get(NAME);
    if (state !== 'BLOCKED') throw new Error(`${state}: ${reason}`);
    expect([epoch, reason]).toEqual([before.epoch, expect.stringContaining('on hold')]);
  });
  await mustSucceed(stack().cotton(['failover', NAME]));
  await writer.untilMore(30);
  const after = await untilHealthy(stack(), NAME);
  expect(after).toMatchObject({ hold: true, epoch: before.epoch + 1 });
  await mustSucceed(stack().cotton(['hold', NAME, 'off']));
});

it('a stricter durability is followed while writes go on', async () => {
  await mustSucceed(stack().cotton(['durability', NAME, '--acks', '2', '--min-in-sync', '1']));
  await eventually('writes wait for two', async () => {
    const { ack_count, settled, in_sync }: ClusterDetail = await stack().client.get(NAME);
    if (ack_count !== 2 || !settled || in_sync.length !== 2)
      throw new Error(`${ack_count} of ${in_sync.join()}`);
  });
  await writer.untilMore(30);
  await mustSucceed(stack().cotton(['durability', NAME, '--acks', 'auto', '--min-in-sync', '0']));
  await untilHealthy(stack(), NAME);
});

it('after all of this every acknowledged write is everywhere', async () => {
  await writer.untilMore(30);
  await writer.stop();
  expect(await writer.missingOn(await discoverPrimary(cluster))).toEqual([]);
  await untilHealthy(stack(), NAME);
  await untilHeld(writer, await discoverReplicas(cluster));
});
