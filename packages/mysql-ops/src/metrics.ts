import { statfs } from 'node:fs/promises';
import type { Admin } from './admin.ts';
import type { Limit } from './limit.ts';
import { logFiles, totalBytes } from './log-files.ts';

/** MySQL's status variable behind each number; counters start with the incarnation. */
const NUMBERS = {
  uptimeSeconds: 'Uptime',
  connections: 'Threads_connected',
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
  semiSyncClients: 'Rpl_semi_sync_source_clients',
  semiSyncWaitingSessions: 'Rpl_semi_sync_source_wait_sessions',
  semiSyncAcknowledged: 'Rpl_semi_sync_source_yes_tx',
  semiSyncUnacknowledged: 'Rpl_semi_sync_source_no_tx',
} as const;

export type MysqlStatistics = Record<keyof typeof NUMBERS, number> & {
  semiSyncActive: boolean;
  maxConnections: number;
  bufferPoolBytes: number;
  bufferPoolFreeBytes: number;
  rowLockWaitSeconds: number;
  /** Size of the file system that holds the data. */
  volumeBytes: number;
  /** Of it, what an unprivileged process may still use. */
  volumeFreeBytes: number;
  binaryLogBytes: number;
  /** Received, and not yet thrown away as applied. */
  relayLogBytes: number;
};

/** One cheap sample: two statements and a look at the volume. */
export async function sampleStatistics(admin: Admin, limit: Limit): Promise<MysqlStatistics> {
  const { rows, limits } = await admin.on('observe', limit, async (session) => ({
    rows: await session.rows(STATUS, [WANTED], limit),
    limits: await session.row(LIMITS, [], limit),
  }));
  const values = new Map(rows.map((row) => [String(row.Variable_name), row.Value]));
  const number = (name: string) => Number(values.get(name) ?? 0);
  const numbers = Object.entries(NUMBERS).map(([key, name]) => [key, number(name)]);
  const { bsize, blocks, bavail } = await statfs(admin.dataDirectory);
  const bytesSent = number('Bytes_sent');
  const base = bytesSentBase.get(admin) ?? bytesSent;
  bytesSentBase.set(admin, base);
  return {
    ...(Object.fromEntries(numbers) as Record<keyof typeof NUMBERS, number>),
    bytesSent: bytesSent - base,
    semiSyncActive: values.get('Rpl_semi_sync_source_status') === 'ON',
    maxConnections: Number(limits.connections),
    bufferPoolBytes: Number(limits.pool),
    bufferPoolFreeBytes: number('Innodb_buffer_pool_pages_free') * number('Innodb_page_size'),
    rowLockWaitSeconds: number('Innodb_row_lock_time') / 1000,
    volumeBytes: blocks * bsize,
    volumeFreeBytes: bavail * bsize,
    binaryLogBytes: totalBytes(await logFiles(admin.dataDirectory, 'binlog')),
    relayLogBytes: totalBytes(await logFiles(admin.dataDirectory, 'relay')),
  };
}

/** The statements mysqld runs at a first start leave a random number in this counter (9.7.4): count from a first sample. */
const bytesSentBase = new WeakMap<Admin, number>();

const WANTED = [
  ...Object.values(NUMBERS),
  'Rpl_semi_sync_source_status',
  'Innodb_buffer_pool_pages_free',
  'Innodb_page_size',
  'Innodb_row_lock_time',
];

// Not from the table global_status, which lacks the counters of statements.
const STATUS = 'SHOW GLOBAL STATUS WHERE Variable_name IN (?)';
const LIMITS = 'SELECT @@GLOBAL.max_connections AS connections, @@GLOBAL.innodb_buffer_pool_size AS pool';
