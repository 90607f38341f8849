/** The Mesos a story runs on. */
import type { LocalMesos } from '@cotton/mesos-local';
import { startLocalMesos } from '@cotton/mesos-local';
import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentShell } from './agent-shell.ts';
import type { E2eOptions } from './options.ts';

export interface MesosTarget {
  /** For `--mesos_master`. */
  readonly master: string;
  /** Undefined where the hosts of the agents cannot be reached. */
  readonly shell: AgentShell | undefined;
  /** Stops, freezes and restarts masters and agents; only the local stand-in has it. */
  readonly driver: LocalMesos | undefined;
  stop(): Promise<void>;
}

export interface LocalSettings {
  agents?: number;
  resources?: string;
  /** At least this many characters in the path of every agent's work directory. */
  workDirLength?: number;
  agentFlags?: Record<string, string>;
  masterFlags?: Record<string, string>;
}

const AGENTS = 3;
const PORTS_PER_AGENT = 100;

/** @param zk `host:port` of the ZooKeeper that a local master is to be found through */
export async function openTarget(
  options: E2eOptions,
  { dir, zk, local }: { dir: string; zk: string; local: LocalSettings },
): Promise<MesosTarget> {
  if (options.target === 'local') return startLocal(local, dir, zk);
  const { master, agentShell } = options;
  if (master === undefined) throw new Error('no --master');
  return {
    master,
    shell: agentShell === undefined ? undefined : new AgentShell(agentShell),
    driver: undefined,
    stop: async () => {},
  };
}

async function startLocal(local: LocalSettings, dir: string, zk: string): Promise<MesosTarget> {
  const workDir = join(dir, 'mesos').padEnd(local.workDirLength ?? 0, 's');
  await mkdir(workDir, { recursive: true });
  const driver = await startLocalMesos({
    workDir,
    zk: `zk://${zk}/mesos`,
    agents: local.agents ?? AGENTS,
    resources: local.resources ?? `cpus:4;mem:4096;disk:20480;ports:[${somePorts()}]`,
    ...(local.agentFlags && { agentFlags: local.agentFlags }),
    ...(local.masterFlags && { masterFlags: local.masterFlags }),
  });
  return { master: driver.master, shell: new AgentShell('sh -c'), driver, stop: () => driver.stop() };
}

/** Every stack on this machine has its agents on the same addresses: other ports keep them apart. */
function somePorts(): string {
  const first = 10_000 + PORTS_PER_AGENT * randomInt(200);
  return `${first}-${first + PORTS_PER_AGENT - 1}`;
}
