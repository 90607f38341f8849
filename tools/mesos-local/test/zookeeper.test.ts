import { startZooKeeper, type ZooKeeperServer } from '@cotton/setup';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLocalMesos, type LocalMesos } from '../src/index.ts';
import { launch, PLAIN, tempDir } from './support/fixtures.ts';
import { frameworkInfo, TestScheduler } from './support/test-scheduler.ts';

let temp: Awaited<ReturnType<typeof tempDir>>;
let zookeeper: ZooKeeperServer;
let mesos: LocalMesos;
let scheduler: TestScheduler;

beforeAll(async () => {
  temp = await tempDir();
  zookeeper = await startZooKeeper();
  mesos = await startLocalMesos({
    workDir: temp.path,
    agents: 1,
    masters: 2,
    zk: `zk://${zookeeper.connect}/mesos`,
    masterFlags: {
      agent_ping_timeout: '1secs',
      max_agent_ping_timeouts: '3',
      zk_session_timeout: '2secs', // so long the standby waits for the leader that was killed
    },
  });
});

afterAll(async () => {
  scheduler?.cut();
  await mesos?.stop();
  await zookeeper?.stop();
  await temp?.remove();
});

const ask = (url: string, init: RequestInit = {}) => fetch(url, { redirect: 'manual', ...init });

it('redirects everything but /health and /version from a standby to the leader', async () => {
  const [leader, standby] = mesos.masters;
  const location = async (path: string, init?: RequestInit) => {
    const response = await ask(`${standby!.url}${path}`, init);
    return [response.status, response.headers.get('location')];
  };
  expect(await location('/api/v1/scheduler', { method: 'POST', body: 'x' })).toEqual([
    307,
    `//${leader!.address}/master/api/v1/scheduler`,
  ]);
  expect(await location('/state')).toEqual([307, `//${leader!.address}/master/state`]);
  expect(await location('/redirect')).toEqual([307, `//${leader!.address}`]);
  expect(await location('/health')).toEqual([200, null]);
});

it('hands the cluster over to the standby: same agent, same framework id, same task', async () => {
  const [leader, standby] = mesos.masters;
  scheduler = await TestScheduler.subscribed(leader!.url);
  const offer = await scheduler.offer();
  const { frameworkId } = scheduler;
  await scheduler.accept(
    [offer.id.value],
    [launch({ taskId: 'T1', agentId: offer.agent_id.value, frameworkId, ...PLAIN })],
  );
  await scheduler.update('T1', 'TASK_RUNNING');
  // Otherwise the update itself may come again, before or after the answer to RECONCILE.
  await scheduler.acknowledged();
  await leader!.kill();
  const after = new TestScheduler(standby!.url);
  after.frameworkId = frameworkId;
  const deadline = Date.now() + 30_000;
  for (after.status = 0; after.status !== 200 && Date.now() < deadline;) {
    await after.subscribe(frameworkInfo()).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  scheduler = after;
  await after.next(({ type }) => type === 'SUBSCRIBED');
  expect(after.frameworkId).toBe(frameworkId);
  const again = await after.offer(undefined, 15_000);
  expect(again.agent_id).toEqual(offer.agent_id);
  await after.call({
    type: 'RECONCILE',
    reconcile: { tasks: [{ task_id: { value: 'T1' }, agent_id: offer.agent_id }] },
  });
  const status = await after.update('T1', 'TASK_RUNNING');
  expect(status.message).toBe('Reconciliation: Latest task state');
});
