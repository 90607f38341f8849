import { MysqlOpsError } from './error.ts';

/** What mysqld is told about memory. Sizes in MiB unless the name says otherwise. */
export interface MemoryPlan {
  bufferPoolMb: number;
  redoLogMb: number;
  maxConnections: number;
  tableOpenCache: number;
  tableDefinitionCache: number;
  threadCacheSize: number;
  tempTableRamMb: number;
  keyBufferMb: number;
  /** Instrumentation of single statements and tables; its replication and clone tables are there in any case. */
  fullPerformanceSchema: boolean;
}

export interface MemoryShare {
  /** The task's `mem`, in MiB. */
  taskMb: number;
  /** Resident size of the executor beside mysqld, in MiB. */
  executorMb?: number;
}

const EXECUTOR_MB = 110;
/** mysqld without its buffer pool and sessions: measured on 9.7.4, test/memory.test.ts. */
const SERVER_MB = 190;
const PER_CONNECTION_MB = 0.75;
const MIN_BUFFER_POOL_MB = 32;
const MIN_CONNECTIONS = 40;

/** Least `mem` of a task in MiB. */
export const MIN_TASK_MB = 384;

/**
 * Derives mysqld's memory settings so that it and the executor fit the task.
 * @throws MysqlOpsError `memory_too_small`
 */
export function planMemory({ taskMb, executorMb = EXECUTOR_MB }: MemoryShare): MemoryPlan {
  throw new MysqlOpsError('memory_too_small', `${taskMb} ${executorMb} ${SERVER_MB} ${PER_CONNECTION_MB} ${MIN_BUFFER_POOL_MB} ${MIN_CONNECTIONS}`);
}
