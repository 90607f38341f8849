import { MysqlOpsError } from './error.ts';

/** What mysqld is told about memory. Sizes in MiB. */
export interface MemoryPlan {
  bufferPoolMb: number;
  logBufferMb: number;
  redoLogMb: number;
  maxConnections: number;
  tableOpenCache: number;
  tableDefinitionCache: number;
  threadCacheSize: number;
  tempTableRamMb: number;
  /** What a replica holds of what it has yet to apply; MySQL's own default is 128. */
  applierQueueMb: number;
  /** Instrumentation of statements and tables; replication and clone tables are there in any case. */
  fullPerformanceSchema: boolean;
}

export interface MemoryShare {
  /** The task's `mem`, in MiB. */
  taskMb: number;
  /** Resident size of the executor beside mysqld, in MiB. */
  executorMb?: number;
}

const EXECUTOR_MB = 110;
/** mysqld 9.7.4 without buffer pool, sessions and instrumentation; test/memory.test.ts measures the whole. */
const SERVER_MB = 210;
const SESSION_MB = 0.5;
const FULL_PERFORMANCE_SCHEMA_MB = 150;
const FULL_PERFORMANCE_SCHEMA_FROM_TASK_MB = 2048;
/** Left alone for what has no limit of its own: sorts and joins, allocator slack, long transactions. */
const SLACK = 0.15;

/** The least `mem` of a task, in MiB, with an executor of the usual size. */
export const MIN_TASK_MB = 384;
const MIN_SPARE_MB = MIN_TASK_MB - EXECUTOR_MB - SERVER_MB;

/**
 * Derives mysqld's memory settings so that it and the executor fit the task.
 * @throws MysqlOpsError `memory_too_small`
 */
export function planMemory({ taskMb, executorMb = EXECUTOR_MB }: MemoryShare): MemoryPlan {
  const fullPerformanceSchema = taskMb >= FULL_PERFORMANCE_SCHEMA_FROM_TASK_MB;
  const spareMb = taskMb - executorMb - SERVER_MB - (fullPerformanceSchema ? FULL_PERFORMANCE_SCHEMA_MB : 0);
  if (!(spareMb >= MIN_SPARE_MB)) {
    const least = MIN_SPARE_MB + executorMb + SERVER_MB;
    throw new MysqlOpsError('memory_too_small', `the task has ${taskMb} MB, at least ${least} MB are needed`);
  }
  const maxConnections = clamp(40, Math.floor(spareMb / 2.5), 1000);
  const tempTableRamMb = clamp(4, Math.floor(spareMb * 0.08), 1024);
  const bufferPoolMb = spareMb * (1 - SLACK) - maxConnections * SESSION_MB - tempTableRamMb;
  return {
    bufferPoolMb: Math.max(8, Math.floor(bufferPoolMb / 8) * 8),
    logBufferMb: clamp(4, Math.floor(spareMb / 32), 64),
    redoLogMb: clamp(64, Math.floor(bufferPoolMb / 2), 4096),
    maxConnections,
    tableOpenCache: clamp(200, spareMb * 2, 4000),
    tableDefinitionCache: clamp(400, spareMb, 2000),
    threadCacheSize: clamp(4, Math.floor(maxConnections / 10), 64),
    tempTableRamMb,
    applierQueueMb: clamp(8, spareMb * 0.05, 128),
    fullPerformanceSchema,
  };
}

function clamp(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, Math.floor(value)));
}
