import type { Endpoint } from '../replay/http.ts';

export interface ProcessExit {
  code: number | null;
  signal: string | null;
  /** Last lines of the log. */
  log: string;
}

export interface StartOptions {
  /** `master`, `master-2`, `agent-1`: the recording's name for it. */
  name: string;
  role: 'master' | 'agent';
  /** The flags that matter; addresses, directories and isolation are the driver's business. */
  flags: Record<string, string>;
}

/**
 * The hands on the processes of a target. Everything that cannot be done over HTTP goes through it; a
 * target without one is only talked to, and what needs it is listed as not run.
 */
export interface ProcessDriver {
  /** Starts a process, or starts it again on its address and work directory. Does not wait until it serves. */
  start(options: StartOptions): Promise<Endpoint>;
  /** SIGTERM, SIGKILL, SIGUSR1, SIGSTOP, SIGCONT. */
  signal(name: string, signal: NodeJS.Signals): Promise<void>;
  exited(name: string): Promise<ProcessExit>;
  workDir(name: string): string;
  fetchCache(name: string): string;
  /** Makes an agent believe the machine was rebooted since its last run. Agent stopped. */
  alterBootId(name: string): Promise<void>;
  /** Removes an agent's `meta/slaves/latest`. Agent stopped. */
  forgetAgentId(name: string): Promise<void>;
  startZooKeeper(): Promise<Endpoint>;
  killZooKeeper(): Promise<void>;
  /** Ends everything it started and removes its directories. */
  close(): Promise<void>;
}
