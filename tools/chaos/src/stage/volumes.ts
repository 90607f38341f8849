/** What happens to disks while a host is down. */
import type { AgentHandle } from '@cotton/mesos-local';
import { readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dice } from '../dice.ts';

/** More than a replica writes between two of the kernel's own write-backs under our load. */
const MOST_UNSYNCED_BYTES = 48 * 1024;
const RELAY_LOG = /^relay\.\d{6,}$/;

/** The agent must be down. */
export async function wipeVolumes(agent: AgentHandle): Promise<void> {
  for (const volume of await volumesOf(agent))
    for (const name of await readdir(volume)) await rm(join(volume, name), { recursive: true, force: true });
}

/**
 * Relay logs are not synced at every transaction: a host that loses power forgets their ends. The agent must be down.
 * @returns what was cut off from each, in bytes: none for a member that receives nothing
 */
export async function cutRelayLogs(agent: AgentHandle, dice: Dice): Promise<number[]> {
  const cuts: number[] = [];
  for (const volume of await volumesOf(agent)) {
    const data = join(volume, 'data');
    const names = await readdir(data).catch(() => []);
    const newest = names
      .filter((name) => RELAY_LOG.test(name))
      .sort()
      .at(-1);
    if (newest === undefined) continue;
    const file = join(data, newest);
    const { size } = await stat(file);
    const bytes = Math.min(size, dice.whole(0, MOST_UNSYNCED_BYTES));
    await truncate(file, size - bytes);
    cuts.push(bytes);
  }
  return cuts;
}

/** Its next start registers a new agent; executors of the old one live on. The agent must be down. */
export async function forgetAgentId(agent: AgentHandle): Promise<void> {
  await rm(join(agent.workDir, 'meta/slaves/latest'), { force: true });
}

export async function volumesOf(agent: AgentHandle): Promise<string[]> {
  const roles = join(agent.workDir, 'volumes/roles');
  const found = (await readdir(roles).catch(() => [])).map(async (role) =>
    (await readdir(join(roles, role))).map((id) => join(roles, role, id)),
  );
  return (await Promise.all(found)).flat();
}
