/** What mysqld is told about disk. Sizes in MiB. */
export interface DiskPlan {
  /** All binary logs together, where that can be. */
  binaryLogsMb: number;
  /** One binary log or relay log. */
  logFileMb: number;
  redoLogMb: number;
}

/** The least that MySQL takes. */
const MIN_REDO_LOG_MB = 8;

/**
 * Shares the task's disk out: a quarter for the binary logs, in pieces small enough to be thrown away one by one, at most
 * an eighth for the redo log. The rest is for the data, and for relay logs, which nothing bounds: a replica that has no
 * room to receive would keep its primary waiting.
 */
export function planDisk(diskMb: number): DiskPlan {
  const binaryLogsMb = Math.floor(diskMb / 4);
  return {
    binaryLogsMb,
    logFileMb: Math.min(128, Math.max(1, Math.floor(binaryLogsMb / 8))),
    redoLogMb: Math.max(MIN_REDO_LOG_MB, Math.floor(diskMb / 8)),
  };
}
