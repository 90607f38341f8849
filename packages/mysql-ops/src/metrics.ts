import type { Admin } from './admin.ts';
import type { Limit } from './limit.ts';

export interface MysqlStatistics {
  uptimeSeconds: number;
  connections: number;
  maxConnections: number;
  threadsRunning: number;
  /** Counters since the incarnation began. */
  questions: number;
  commits: number;
  rollbacks: number;
  slowQueries: number;
  abortedConnects: number;
  bytesReceived: number;
  bytesSent: number;
  bufferPoolBytes: number;
  bufferPoolDirtyBytes: number;
  bufferPoolFreeBytes: number;
  bufferPoolReads: number;
  bufferPoolReadRequests: number;
  rowLockWaits: number;
  rowLockWaitSeconds: number;
  semiSyncWaitingSessions: number;
  semiSyncClients: number;
  semiSyncActive: boolean;
  volumeBytes: number;
  volumeFreeBytes: number;
}
/** One cheap sample: one statement and one statfs. */
export declare function sampleStatistics(admin: Admin, limit: Limit): Promise<MysqlStatistics>;
