import { statfs } from 'node:fs/promises';
import type { Admin } from './admin.ts';
import type { Limit } from './limit.ts';

/** MySQL's status variable behind each number; counters start with the incarnation. */
const NUMBERS = {
  uptimeSeconds: 'Uptime',
  connections: 'Threads_connected',
  maxUsedConnections: 'Max_used_connections',
  threadsRunning: 'Threads_running',
  questions: 'Questions',
  selects: 'Com_select',
  inserts: 'Com_insert',
  updates: 'Com_update',
  deletes: 'Com_delete',
  commits: 'Com_commit',
  rollbacks: 'Com_rollback',
  slowQueries: 'Slow_queries',
  abortedConnects: 'Aborted_connects',
  bytesReceived: 'Bytes_received',
  bytesSent: 'Bytes_sent',
  bufferPoolDataBytes: 'Innodb_buffer_pool_bytes_data',
  bufferPoolDirtyBytes: 'Innodb_buffer_pool_bytes_dirty',
  bufferPoolReads: 'Innodb_buffer_pool_reads',
  bufferPoolReadRequests: 'Innodb_buffer_pool_read_requests',
  rowLockWaits: 'Innodb_row_lock_waits',
  rowLockTimeMs: 'Innodb_row_lock_time',
  semiSyncClients: 'Rpl_semi_sync_source_clients',
  semiSyncWaitingSessions: 'Rpl_semi_sync_source_wait_sessions',
  semiSyncAcknowledged: 'Rpl_semi_sync_source_yes_tx',
  semiSyncUnacknowledged: 'Rpl_semi_sync_source_no_tx',
} as const;

export type MysqlStatistics = Record<keyof typeof NUMBERS, number> & {
  semiSyncActive: boolean;
  maxConnections: number;
  bufferPoolBytes: number;
};

/** One cheap sample, in one statement. */
export async function sampleStatistics(admin: Admin, limit: Limit): Promise<MysqlStatistics> {
  const rows = await admin.on('observe', limit, (session) => session.rows(SAMPLE, [WANTED], limit));
  const values = new Map(rows.map((row) => [String(row.name), row.value]));
  const numbers = Object.entries(NUMBERS).map(([key, name]) => [key, Number(values.get(name) ?? 0)]);
  return {
    ...(Object.fromEntries(numbers) as Record<keyof typeof NUMBERS, number>),
    semiSyncActive: values.get('Rpl_semi_sync_source_status') === 'ON',
    maxConnections: Number(values.get('max_connections')),
    bufferPoolBytes: Number(values.get('innodb_buffer_pool_size')),
  };
}

const WANTED = [...Object.values(NUMBERS), 'Rpl_semi_sync_source_status'];

const SAMPLE = `SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value
  FROM performance_schema.global_status WHERE VARIABLE_NAME IN (?)
  UNION ALL SELECT 'max_connections', @@GLOBAL.max_connections
  UNION ALL SELECT 'innodb_buffer_pool_size', @@GLOBAL.innodb_buffer_pool_size`;

export interface DiskUsage {
  bytes: number;
  freeBytes: number;
}

/** The file system of a volume, as an unprivileged process may use it. */
export async function diskUsage(volume: string): Promise<DiskUsage> {
  const { bsize, blocks, bavail } = await statfs(volume);
  return { bytes: blocks * bsize, freeBytes: bavail * bsize };
}
