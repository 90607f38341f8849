/**
 * The keeper starts executors for one agent and outlives it, so that an agent can be killed without
 * its executors. Agent and keeper talk JSON lines over loopback TCP, guarded by a token only the agent's
 * work directory knows.
 */
export interface RunRequest {
  /** Names the process from now on: the container id. */
  key: string;
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  stdout: string;
  stderr: string;
}

export type KeeperRequest =
  | { op: 'hello'; token: string }
  | ({ op: 'run'; id: number } & RunRequest)
  | { op: 'kill'; key: string }
  | { op: 'forget'; key: string };

export type KeeperMessage =
  | { event: 'state'; running: { key: string; pid: number }[]; exited: { key: string; status: number }[] }
  | { event: 'started'; id: number; pid: number }
  | { event: 'failed'; id: number; message: string }
  /** `status` is the raw wait status: exit code × 256, or the number of the signal. */
  | { event: 'exit'; key: string; status: number };

/** Where a keeper says how to reach it; readable by its owner only. */
export interface KeeperAddress {
  port: number;
  token: string;
  pid: number;
}

export const keeperFile = (workDir: string): string => `${workDir}/keeper.json`;
