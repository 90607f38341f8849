import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLocalMesos, type LocalMesos } from '../src/index.ts';
import { CREATE, launch, PLAIN, RESERVE, tempDir } from './support/fixtures.ts';
import { frameworkInfo, TestScheduler, type TestOffer } from './support/test-scheduler.ts';

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

const holds = (resources: TestOffer['resources'], name: string, amount: number): boolean =>
  resources.some((one) => one.name === name && (one.scalar?.value ?? 0) >= amount);

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

it('drops a task whose reservation got lost, and says so of the reservation when the agent is back', async () => {
  const [agent] = mesos.agents;
  const offer = await scheduler.mergedOffer(({ resources }) => holds(resources, 'cpus', 1));
  await agent!.fault('/work/lose', { count: 1 });
  const [agentId, { frameworkId }] = [offer.agent_id.value, scheduler];
  await scheduler.accept(
    [offer.id.value],
    [
      { ...RESERVE, id: { value: 'reserve' } },
      { ...CREATE, id: { value: 'create' } },
      launch({ taskId: 'R', agentId, frameworkId }),
    ],
  );
  expect((await scheduler.update('R', 'TASK_DROPPED')).reason).toBe('REASON_RESOURCES_UNKNOWN');
  expect((await scheduler.operation('create')).state).toBe('OPERATION_ERROR');
  await agent!.fault('/link/cut');
  await agent!.fault('/link/heal');
  expect((await scheduler.operation('reserve')).state).toBe('OPERATION_DROPPED');
  const after = await scheduler.mergedOffer(({ resources }) => holds(resources, 'cpus', 1));
  expect(after.resources.flatMap(({ reservations }) => reservations ?? [])).toEqual([]);
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
