import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startLocalMesos, type AgentHandle, type LocalMesos } from '../src/index.ts';
import { launch, PLAIN, tempDir } from './support/fixtures.ts';
import { TestScheduler } from './support/test-scheduler.ts';

let temp: Awaited<ReturnType<typeof tempDir>>;
let mesos: LocalMesos;
let scheduler: TestScheduler;
let agent: AgentHandle;

beforeAll(async () => {
  temp = await tempDir();
  mesos = await startLocalMesos({
    workDir: temp.path,
    agents: 1,
    masterFlags: { agent_ping_timeout: '3secs', max_agent_ping_timeouts: '3' },
  });
  agent = mesos.agents[0]!;
  scheduler = await TestScheduler.subscribed(mesos.masterUrl);
});

afterAll(async () => {
  scheduler?.cut();
  await mesos?.stop();
  await temp?.remove();
});

async function run(taskId: string, config: Record<string, unknown> = {}): Promise<number> {
  const { frameworkId } = scheduler;
  await scheduler.call({ type: 'REVIVE' });
  const offer = await scheduler.offer(({ resources }) =>
    resources.some(({ name, scalar }) => name === 'cpus' && scalar!.value > 0.5),
  );
  await scheduler.accept(
    [offer.id.value],
    [launch({ taskId, agentId: offer.agent_id.value, frameworkId, config, ...PLAIN })],
  );
  const status = await scheduler.update(taskId, 'TASK_RUNNING');
  return (status.container_status as { executor_pid: number }).executor_pid;
}

/** The master has seen that the agent's connection is gone; what it sent before that would be lost. */
async function noticed(): Promise<void> {
  const gone = async () => {
    const { slaves } = (await (await fetch(`${mesos.masterUrl}/slaves`)).json()) as {
      slaves: { active: boolean }[];
    };
    return slaves.every(({ active }) => !active);
  };
  await vi.waitUntil(gone, { timeout: 5000 });
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it('lets executors outlive a killed agent, and knows them again', async () => {
  const pid = await run('A');
  await agent.kill('SIGKILL');
  await noticed();
  expect(isAlive(pid)).toBe(true);
  await agent.start();
  // Offers return only after the whole re-registration timeout of executors.
  await scheduler.offer(undefined, 20_000);
  expect(isAlive(pid)).toBe(true);
  await scheduler.tell(agent.id, 'ex-A', {
    send: { task: 'A', state: 'TASK_RUNNING', message: 'after the restart' },
  });
  const status = await scheduler.next(({ update }) => update?.status.message === 'after the restart');
  expect(status.update!.status.container_status).toMatchObject({ executor_pid: pid });
});

it('keeps a KILL for an agent that is away for a moment', async () => {
  await agent.kill('SIGKILL');
  await noticed();
  await scheduler.call({ type: 'KILL', kill: { task_id: { value: 'A' } } });
  await agent.start();
  await scheduler.update('A', 'TASK_KILLED', 20_000);
});

it('kills an executor that does not come back in time', async () => {
  const pid = await run('B', { reconnectMs: 60_000 });
  await agent.restart('SIGTERM');
  const status = await scheduler.update('B', 'TASK_GONE', 20_000);
  expect(status).toMatchObject({
    reason: 'REASON_EXECUTOR_REREGISTRATION_TIMEOUT',
    message: 'Executor did not reregister within 2secs',
  });
  expect(isAlive(pid)).toBe(false);
});

it('takes a changed boot id for a reboot: same agent, task failed', async () => {
  const pid = await run('C');
  const { id } = agent;
  await agent.kill('SIGKILL');
  const bootId = `${agent.workDir}/meta/boot_id`;
  expect(readFileSync(bootId, 'utf8')).not.toBe('');
  writeFileSync(bootId, 'another');
  await agent.start();
  const status = await scheduler.update('C', 'TASK_FAILED', 20_000);
  expect(status.agent_id).toEqual({ value: id });
  expect(isAlive(pid)).toBe(false);
});

it('refuses to start with other attributes, and says what to remove', async () => {
  await agent.kill('SIGTERM');
  await expect(agent.start({ attributes: 'rack:r9' })).rejects.toThrow(/meta\/slaves\/latest/);
  await agent.start({ attributes: '' });
});
