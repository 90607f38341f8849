import type { Admin } from './admin.ts';
import type { Limit } from './limit.ts';

export type ProbeResult =
  { alive: true; latencyMs: number; readOnly: boolean } | { alive: false; latencyMs: number; reason: string };

/**
 * Whether mysqld answers, on a session kept for this. Never throws; a missed limit is `alive: false`. It reads only:
 * a write would wait behind somebody's read lock or acknowledgement, which is no hang. (A write past those, for a
 * disk that no longer takes any, belongs here.)
 */
export async function probe(admin: Admin, limit: Limit): Promise<ProbeResult> {
  const startedAt = performance.now();
  const latencyMs = () => performance.now() - startedAt;
  try {
    const row = await admin.on('probe', limit, (s) =>
      s.row('SELECT @@GLOBAL.read_only AS closed', [], limit),
    );
    return { alive: true, latencyMs: latencyMs(), readOnly: Number(row.closed) === 1 };
  } catch (error) {
    return {
      alive: false,
      latencyMs: latencyMs(),
      reason: error instanceof Error ? error.message : String(error),
    };
  }
}
