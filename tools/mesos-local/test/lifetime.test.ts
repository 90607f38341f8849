import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { until } from '@cotton/setup';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { entryPoint } from '../src/processes.ts';
import { launch, PLAIN, tempDir } from './support/fixtures.ts';
import { TestScheduler } from './support/test-scheduler.ts';

let temp: Awaited<ReturnType<typeof tempDir>>;

beforeEach(async () => {
  temp = await tempDir();
});

afterEach(() => temp.remove());

/** Processes whose command line or environment names our work directory. */
function processesOf(directory: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      const about =
        readFileSync(`/proc/${pid}/cmdline`, 'latin1') + readFileSync(`/proc/${pid}/environ`, 'latin1');
      return pid !== process.pid && about.includes(directory);
    } catch {
      return false;
    }
  });
}

/** A local Mesos in a process of its own, with one task running. */
async function localMesos(): Promise<{ pid: number; executorPid: number }> {
  const argv = [...entryPoint(), 'local', `--work_dir=${temp.path}`, '--agents=1'];
  const tool = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  tool.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await until(() => /^agent /m.test(output));
  const scheduler = await TestScheduler.subscribed(/^master (\S+)/m.exec(output)![1]!);
  const offer = await scheduler.offer();
  const { frameworkId } = scheduler;
  const task = launch({ taskId: 'T', agentId: offer.agent_id.value, frameworkId, ...PLAIN });
  await scheduler.accept([offer.id.value], [task]);
  const status = await scheduler.update('T', 'TASK_RUNNING');
  scheduler.cut();
  return { pid: tool.pid!, executorPid: (status.container_status as { executor_pid: number }).executor_pid };
}

it.each(['SIGTERM', 'SIGKILL'] as const)('leaves no process behind after %s', async (signal) => {
  const { pid, executorPid } = await localMesos();
  expect(processesOf(temp.path)).toContain(executorPid);
  process.kill(pid, signal);
  await until(() => processesOf(temp.path).length === 0, { pollMs: 50 });
  expect(existsSync(`${temp.path}/agent-1/keeper.json`)).toBe(false);
});
