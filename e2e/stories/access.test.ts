/** What only the one with the cluster's password may do, and what one cluster's existence forbids. */
import { beforeAll, expect, it } from 'vitest';
import { createHealthy, deleteCluster, untilGone } from '../harness/cluster.ts';
import type { TestCluster } from '../harness/cluster.ts';
import { mustSucceed } from '../harness/cli.ts';
import { onPrimary } from '../harness/sql.ts';
import { EXIT_CODES_OF } from '../harness/exit-codes.ts';
import { useStack } from '../harness/use-stack.ts';

const NAME = 'guarded';
const stack = useStack({ local: { agents: 1 } });
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await createHealthy(stack(), NAME, 1);
}, 170_000);

it('a wrong password deletes nothing', async () => {
  const { exitCode, stderr } = await stack().cotton(
    ['delete', NAME, '--yes', '--password-file', '-'],
    'wrong',
  );
  expect(stderr).toMatch(/password/i);
  expect(exitCode).toBe(EXIT_CODES_OF.refused);
  expect((await stack().client.get(NAME)).state).toBe('HEALTHY');
});

it('a second create of the name, in any case of letters, is refused and changes nothing', async () => {
  for (const name of [NAME, NAME.toUpperCase()]) {
    const { exitCode, stderr } = await stack().cotton(['create', name, '--user', 'other']);
    expect(stderr).toMatch(/exists/);
    expect(exitCode).toBe(EXIT_CODES_OF.conflict);
  }
  expect((await stack().client.list()).clusters).toHaveLength(1);
  expect(await onPrimary(cluster, 'SELECT 1 AS one')).toHaveLength(1);
});

it('a cluster larger than any agent is accepted, and says at once that none can hold it', async () => {
  const { stderr, exitCode } = await stack().cotton(['create', 'giant', '--user', 'other', '--mem', '900gb']);
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/Warning: .*agent/);
  const giant = await stack().client.get('giant');
  expect(giant).toMatchObject({ state: 'CREATING', members_running: 0 });
  await deleteCluster(stack(), 'giant');
  await untilGone(stack(), 'giant');
});

it('cotton mysql writes and reads; its read-only session cannot write', async () => {
  await mustSucceed(stack().cotton(['mysql', NAME, '--write', '-e', 'CREATE DATABASE shop']));
  const read = await mustSucceed(stack().cotton(['mysql', NAME, '-e', "SHOW DATABASES LIKE 'shop'"]));
  expect(read).toContain('shop');
  const refused = await stack().cotton(['mysql', NAME, '-e', 'DROP DATABASE shop']);
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stderr).toMatch(/read.only/i);
});
