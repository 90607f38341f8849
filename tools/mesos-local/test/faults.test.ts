import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLocalMesos, type LocalMesos } from '../src/index.ts';
import { launch, PLAIN, tempDir } from './support/fixtures.ts';
import { frameworkInfo, TestScheduler } from './support/test-scheduler.ts';

let temp: Awaited<ReturnType<typeof tempDir>>;
let mesos: LocalMesos;
let scheduler: TestScheduler;

beforeAll(async () => {
  temp = await tempDir();
  mesos = await startLocalMesos({
    workDir: temp.path,
    agents: 1,
    masterFlags: { agent_ping_timeout: '500ms', max_agent_ping_timeouts: '3', hostile_chunks: 'true' },
  });
  scheduler = await TestScheduler.subscribed(mesos.masterUrl);
});

afterAll(async () => {
  scheduler?.cut();
  await mesos?.stop();
  await temp?.remove();
});

const task = (taskId: string, agentId: string) =>
  launch({ taskId, agentId, frameworkId: scheduler.frameworkId, ...PLAIN });

it('loses an ACCEPT it has answered with 202', async () => {
  const offer = await scheduler.offer();
  await mesos.masters[0]!.fault('/accepts/lose', { count: 1 });
  expect(await scheduler.accept([offer.id.value], [task('lost', offer.agent_id.value)])).toBe(202);
  expect(await scheduler.accept([offer.id.value], [task('T', offer.agent_id.value)])).toBe(202);
  await scheduler.update('T', 'TASK_RUNNING');
  expect(scheduler.events.some(({ update }) => update?.status.task_id.value === 'lost')).toBe(false);
});

it('delivers an update twice', async () => {
  const [agent] = mesos.agents;
  await mesos.masters[0]!.fault('/updates/duplicate', { count: 1 });
  await scheduler.tell(agent!.id, 'ex-T', { send: { task: 'T', state: 'TASK_RUNNING', message: 'twice' } });
  const twice = ({ update }: (typeof scheduler.events)[number]) => update?.status.message === 'twice';
  const [first, second] = [await scheduler.next(twice), await scheduler.next(twice)];
  expect(second.update!.status.uuid).toBe(first.update!.status.uuid);
});

it('cuts an agent off until it is unreachable, and lets it return with its task', async () => {
  const [agent] = mesos.agents;
  await agent!.fault('/link/cut');
  const status = await scheduler.update('T', 'TASK_UNREACHABLE');
  expect(status.unreachable_time).toBeDefined();
  await agent!.fault('/link/heal');
  const returned = await scheduler.next(
    ({ update }) => update?.status.reason === 'REASON_AGENT_REREGISTERED',
  );
  expect(returned.update!.status).toMatchObject({ state: 'TASK_RUNNING', task_id: { value: 'T' } });
});

it('gives the stream to whoever subscribes last', async () => {
  const second = new TestScheduler(mesos.masterUrl);
  second.frameworkId = scheduler.frameworkId;
  await second.subscribe(frameworkInfo());
  await second.next(({ type }) => type === 'SUBSCRIBED');
  const error = await scheduler.next(({ type }) => type === 'ERROR');
  expect(error.error!.message).toBe('Framework failed over');
  expect(await scheduler.call({ type: 'REVIVE' })).toBe(400);
  second.cut();
});
