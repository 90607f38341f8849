import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const TEST_EXECUTOR = fileURLToPath(new URL('./test-executor.cjs', import.meta.url));

/** A directory that is removed when the callback's promise is awaited. */
export async function tempDir(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'mesos-local-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

const labels = { labels: [{ key: 'cluster', value: 'c1' }] };
const reservations = [{ type: 'DYNAMIC', role: 'eng', principal: 'cotton', labels }];

export const scalar = (name: string, value: number) => ({ name, type: 'SCALAR', scalar: { value } });
export const reserved = (name: string, value: number) => ({
  ...scalar(name, value),
  allocation_info: { role: 'eng' },
  reservations,
});
export const reservedPort = (port: number) => ({
  name: 'ports',
  type: 'RANGES',
  ranges: { range: [{ begin: port, end: port }] },
  allocation_info: { role: 'eng' },
  reservations,
});
export const volume = (id: string, size: number, path = 'data') => ({
  ...reserved('disk', size),
  disk: { persistence: { id, principal: 'cotton' }, volume: { container_path: path, mode: 'RW' } },
});

/** cpus 1, mem 256, disk 512, a port, for one instance. */
export const RESERVE = {
  type: 'RESERVE',
  reserve: {
    resources: [reserved('cpus', 1), reserved('mem', 256), reserved('disk', 512), reservedPort(31000)],
  },
};
export const CREATE = { type: 'CREATE', create: { volumes: [volume('v1', 512)] } };

export interface LaunchOptions {
  taskId: string;
  agentId: string;
  frameworkId: string;
  executor?: Record<string, unknown>;
  config?: Record<string, unknown>;
  resources?: object[];
  executorResources?: object[];
  uris?: object[];
  user?: string;
}

/** A LAUNCH of one task with the test executor, by default on what RESERVE and CREATE made. */
export function launch(options: LaunchOptions): object {
  const { taskId, agentId, frameworkId } = options;
  const executor = {
    type: 'CUSTOM',
    executor_id: { value: `ex-${taskId}` },
    framework_id: { value: frameworkId },
    name: `executor of ${taskId}`,
    resources: options.executorResources ?? [reserved('cpus', 0.1), reserved('mem', 32)],
    command: {
      value: `exec ${process.execPath} ./test-executor.cjs`,
      ...(options.user !== undefined && { user: options.user }),
      uris: options.uris ?? [{ value: `file://${TEST_EXECUTOR}`, executable: true }],
      environment: {
        variables: [{ name: 'TEST_EXECUTOR', type: 'VALUE', value: JSON.stringify(options.config ?? {}) }],
      },
    },
    ...options.executor,
  };
  const resources = options.resources ?? [
    reserved('cpus', 0.9),
    reserved('mem', 224),
    reservedPort(31000),
    volume('v1', 512),
  ];
  const task = {
    name: taskId,
    task_id: { value: taskId },
    agent_id: { value: agentId },
    resources,
    executor,
  };
  return { type: 'LAUNCH', launch: { task_infos: [task] } };
}

/** Unreserved resources for a task that needs no volume. */
export const PLAIN = {
  resources: [scalar('cpus', 0.2), scalar('mem', 64)],
  executorResources: [scalar('cpus', 0.1), scalar('mem', 32)],
};
