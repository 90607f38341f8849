import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Limit, within } from './limit.ts';

export type DiskProbeResult =
  { alive: true; latencyMs: number } | { alive: false; latencyMs: number; reason: string };

/** Writes under way, by volume. On a dead disk each would hold a thread of this process for good. */
const underWay = new Map<string, Promise<void>>();

/**
 * Whether the volume still takes writes: a small file is written and synced. Never throws; a missed limit is
 * `alive: false`. Needs nothing of mysqld, whose own writes may wait for locks or acknowledgements, which is no stall.
 * Call it as often as you like: while a write hangs no other is begun.
 */
export async function probeDisk(volume: string, limit: Limit): Promise<DiskProbeResult> {
  const startedAt = performance.now();
  const latencyMs = () => performance.now() - startedAt;
  try {
    await within(limit, underWay.get(volume) ?? begin(volume));
    return { alive: true, latencyMs: latencyMs() };
  } catch (error) {
    return {
      alive: false,
      latencyMs: latencyMs(),
      reason: error instanceof Error ? error.message : String(error),
    };
  }
}

function begin(volume: string): Promise<void> {
  const writing = touch(join(volume, 'probe')).finally(() => underWay.delete(volume));
  underWay.set(volume, writing);
  return writing;
}

async function touch(file: string): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.write('.');
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
