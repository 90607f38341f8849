import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Limit, within } from './limit.ts';

export type DiskProbeResult =
  { alive: true; latencyMs: number } | { alive: false; latencyMs: number; reason: string };

/**
 * Whether the volume still takes writes: a small file is written and synced. Never throws; a missed limit is
 * `alive: false`. Needs nothing of mysqld, whose own writes may wait for locks or acknowledgements, which is no stall.
 */
export async function probeDisk(volume: string, limit: Limit): Promise<DiskProbeResult> {
  const startedAt = performance.now();
  const latencyMs = () => performance.now() - startedAt;
  try {
    await within(limit, touch(join(volume, 'probe')));
    return { alive: true, latencyMs: latencyMs() };
  } catch (error) {
    return {
      alive: false,
      latencyMs: latencyMs(),
      reason: error instanceof Error ? error.message : String(error),
    };
  }
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
