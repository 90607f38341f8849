import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLocalMesos, type LocalMesos } from '../src/index.ts';
import { CREATE, launch, RESERVE, reserved, reservedPort, tempDir, volume } from './support/fixtures.ts';
import { TestScheduler, type TestOffer } from './support/test-scheduler.ts';

let temp: Awaited<ReturnType<typeof tempDir>>;
let mesos: LocalMesos;
let scheduler: TestScheduler;

beforeAll(async () => {
  temp = await tempDir();
  mesos = await startLocalMesos({ workDir: temp.path, agents: 1 });
  scheduler = await TestScheduler.subscribed(mesos.masterUrl);
});

afterAll(async () => {
  scheduler?.cut();
  await mesos?.stop();
  await temp?.remove();
});

/** Volume and all of the instance's cpus in one offer: its executor is gone, too. */
const isWhole = ({ resources }: TestOffer) =>
  resources.some((r) => r.disk?.persistence) &&
  resources.some((r) => r.name === 'cpus' && r.reservations && r.scalar?.value === 1);

const volumeDir = () => join(mesos.agents[0]!.workDir, 'volumes/roles/eng/v1');

it('reserves, creates and launches in one ACCEPT, and the executor runs on its volume', async () => {
  const offer = await scheduler.offer();
  const { frameworkId } = scheduler;
  await scheduler.accept(
    [offer.id.value],
    [RESERVE, CREATE, launch({ taskId: 'T1', agentId: offer.agent_id.value, frameworkId })],
  );
  const status = await scheduler.update('T1', 'TASK_RUNNING');
  expect(status).toMatchObject({
    source: 'SOURCE_EXECUTOR',
    agent_id: offer.agent_id,
    container_status: { network_infos: [{}] },
  });
  await scheduler.tell(offer.agent_id.value, 'ex-T1', { write: ['data/hello', 'by T1'], environment: true });
  const environment = JSON.parse(await scheduler.heard()) as Record<string, string>;
  expect(environment).toMatchObject({
    MESOS_CHECKPOINT: '1',
    LIBPROCESS_PORT: '0',
    MESOS_SLAVE_ID: offer.agent_id.value,
  });
  expect(environment['HOME'] ?? environment['USER'] ?? environment['LANG']).toBeUndefined();
  expect(environment['cwd']).toBe(environment['MESOS_SANDBOX']);
  expect(readdirSync(volumeDir())).toEqual(['hello']);
});

it('kills the task, and offers the volume again when its executor is gone', async () => {
  const [agent] = mesos.agents;
  await scheduler.call({ type: 'KILL', kill: { task_id: { value: 'T1' }, agent_id: { value: agent!.id } } });
  await scheduler.update('T1', 'TASK_KILLING');
  await scheduler.update('T1', 'TASK_KILLED');
  const failure = await scheduler.next(({ type }) => type === 'FAILURE');
  expect(failure.failure).toEqual({
    agent_id: { value: agent!.id },
    executor_id: { value: 'ex-T1' },
    status: 0,
  });
});

it('relaunches on the same volume, with the data there and a new sandbox', async () => {
  const { frameworkId } = scheduler;
  await scheduler.call({ type: 'REVIVE' });
  const offer = await scheduler.mergedOffer(isWhole);
  await scheduler.accept(
    [offer.id.value],
    [launch({ taskId: 'T2', agentId: offer.agent_id.value, frameworkId })],
  );
  await scheduler.update('T2', 'TASK_RUNNING');
  await scheduler.tell(offer.agent_id.value, 'ex-T2', { read: 'data/hello' });
  expect(await scheduler.heard()).toBe('by T1');
});

it('destroys and unreserves once nothing uses the volume', async () => {
  const [agent] = mesos.agents;
  await scheduler.call({ type: 'KILL', kill: { task_id: { value: 'T2' } } });
  await scheduler.next(({ type }) => type === 'FAILURE');
  const offer = await scheduler.mergedOffer(isWhole);
  const destroy = { type: 'DESTROY', id: { value: 'd1' }, destroy: { volumes: [volume('v1', 512)] } };
  const resources = [reserved('cpus', 1), reserved('mem', 256), reserved('disk', 512), reservedPort(31000)];
  const unreserve = { type: 'UNRESERVE', id: { value: 'u1' }, unreserve: { resources } };
  await scheduler.accept([offer.id.value], [destroy, unreserve]);
  const told = await scheduler.next(
    (event) => event.update_operation_status?.status.operation_id.value === 'u1',
  );
  expect(told.update_operation_status!.status).toMatchObject({
    state: 'OPERATION_FINISHED',
    agent_id: { value: agent!.id },
  });
  expect(existsSync(volumeDir())).toBe(false);
  const clean = await scheduler.mergedOffer(
    ({ resources }) => resources.length === 4 && resources.every((r) => !r.reservations),
  );
  expect(clean.resources.map(({ name }) => name)).toEqual(['ports', 'cpus', 'mem', 'disk']);
});
