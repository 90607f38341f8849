import { until } from '@cotton/setup';
import type { ZooKeeper } from '@cotton/zookeeper';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ControlChannel, statusPath, watchStatuses } from '../src/index.ts';
import { json, World } from './world.ts';

const CLUSTERS = 2_500;
const INSTANCES = 4;
const BATCH = 500;

let world: World;
let zookeeper: ZooKeeper;

beforeAll(async () => {
  world = await World.start();
  zookeeper = await world.client({ sessionTimeoutMs: 10_000, deadlineMs: 30_000 });
});
afterAll(() => world?.stop());

it('10,000 instances: a scheduler learns all statuses, again after a reconnection, and each later change', async () => {
  const uids = Array.from(
    { length: CLUSTERS },
    (_, n) => `0b5c6d7e-0000-4000-8000-${String(n).padStart(12, '0')}`,
  );
  await new ControlChannel(zookeeper, world.root, json).prepare();
  await writeStatuses(uids);

  const scheduler = await world.client({ sessionTimeoutMs: 10_000, deadlineMs: 30_000 });
  const startedAtMs = performance.now();
  const seen = new Map<string, Map<string, { n: number }>>();
  for (const uid of uids) {
    watchStatuses(scheduler, { root: world.root, uid }, json, (statuses) => seen.set(uid, statuses));
  }
  await until(() => seen.size === CLUSTERS && [...seen.values()].every(({ size }) => size === INSTANCES));
  const learntMs = performance.now() - startedAtMs;

  // Thousands of watches do not fit one packet: the connection must come back all the same.
  await world.server.restart();
  await until(() => scheduler.state === 'connected');
  const [last = ''] = uids.slice(-1);
  const changedAtMs = performance.now();
  await zookeeper.set(`${statusPath(world.root, last)}/db-0`, json.encode({ n: 99 }));
  await until(() => seen.get(last)?.get('db-0')?.n === 99);
  const followedMs = performance.now() - changedAtMs;

  console.log(
    `10,000 statuses learnt in ${learntMs.toFixed(0)} ms, followed ${followedMs.toFixed(0)} ms after a restart`,
  );
  expect(seen.get(last)?.get('db-0')).toEqual({ n: 99 });
});

/** Persistent stand-ins for the ephemeral nodes: the watcher sees no difference. */
async function writeStatuses(uids: string[]): Promise<void> {
  await zookeeper.ensure(statusPath(world.root));
  for (let first = 0; first < uids.length; first += BATCH) {
    await Promise.all(
      uids.slice(first, first + BATCH).map((uid) => {
        const path = statusPath(world.root, uid);
        const data = json.encode({ n: 0 });
        const instances = Array.from({ length: INSTANCES }, (_, n) => ({
          op: 'create' as const,
          path: `${path}/db-${n}`,
          data,
        }));
        return zookeeper.multi([{ op: 'create', path, data: Buffer.alloc(0) }, ...instances]);
      }),
    );
  }
}
