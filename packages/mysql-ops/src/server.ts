import type { Admin } from './admin.ts';
import type { DataDirectory } from './data-directory.ts';
import type { MysqlInstallation } from './installation.ts';
import type { Limit } from './limit.ts';
import type { ServerSettings } from './config.ts';

export interface ServerOptions {
  installation: MysqlInstallation;
  data: DataDirectory;
  settings: ServerSettings;
  /** Where mysqld writes its error log; default `<volume>/log/error.log`. Kept over restarts, rotated when large. */
  errorLog?: string;
}
export interface ServerExit {
  incarnation: number;
  code: number | null;
  signal: NodeJS.Signals | null;
  /** We asked for it (`kill`, `stopOrderly`, or CLONE's restart). */
  expected: boolean;
  /** Last lines of its error log from this incarnation; at most 2,000 characters. */
  errorLogTail: string;
}
export interface ServingOptions {
  /** Give up after this long without any sign of progress (log, CPU, I/O); default 60 s. Recovery may take hours. */
  stalledMs?: number;
  signal?: AbortSignal;
  onProgress?: (lastLogLine: string) => void;
}
/** One incarnation of mysqld: one life of one process, child of this one; dies with it. */
export declare class MysqlServer {
  /** Starts the process, closed for writes. The next incarnation is a new object. @throws MysqlOpsError `start_failed`, `volume_*`, `config_refused` */
  static start(options: ServerOptions): Promise<MysqlServer>;
  readonly pid: number;
  /** Grows with every start on this volume. */
  readonly incarnation: number;
  /** Resolves, never rejects, when the process has ended. */
  readonly exited: Promise<ServerExit>;
  readonly hasExited: boolean;
  /** Resolves with the administration sessions once it answers. @throws MysqlOpsError `start_failed` (with the log's tail), `start_stalled`, `aborted` */
  waitUntilServing(options?: ServingOptions): Promise<Admin>;
  /** SIGKILL: fence and demotion. */
  kill(): Promise<ServerExit>;
  /** Closes for writes within a third of the deadline, then SIGTERM; whatever does not fit the deadline becomes SIGKILL. Never SIGTERM with writers waiting. */
  stopOrderly(limit: Limit): Promise<ServerExit & { orderly: boolean }>;
}
