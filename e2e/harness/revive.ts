import type { Stack } from './stack.ts';

/** Whether a process of this machine runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * What systemd does on a real machine: a Mesos master and a scheduler end when they lose their leadership, as they do
 * when ZooKeeper is away for long, and are started again.
 */
export async function reviveControlPlane({ mesos, scheduler }: Stack): Promise<void> {
  for (const master of mesos.driver?.masters ?? []) if (!master.running) await master.start();
  if (!isAlive(scheduler.pid)) await scheduler.start();
}
