import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf, waitUntilHealthy } from '../bench-cluster.ts';
import type { Lab } from '../lab.ts';
import type { Measurements } from '../measurement.ts';

const IDLE_MS = 10_000;

/** Resident memory while nothing happens; of three members the largest. */
export async function* benchMemory(lab: Lab): Measurements {
  const { scheduler } = await lab.stack();
  const cluster = await lab.cluster();
  await waitUntilHealthy(cluster.api, cluster.name);
  await sleep(IDLE_MS);
  const { all } = await processesOf(cluster);
  const largest = async (pids: number[]): Promise<number> =>
    Math.max(...(await Promise.all(pids.map(residentMb))));
  const note = `resident, after ${IDLE_MS / 1000} s idle`;
  yield { name: 'scheduler, one cluster', value: await residentMb(scheduler.pid), unit: 'MB', note };
  yield { name: 'executor', value: await largest(all.map((p) => p.executor_pid)), unit: 'MB', note };
  yield { name: 'mysqld, 512 MB task', value: await largest(all.map((p) => p.mysqld_pid)), unit: 'MB', note };
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}
