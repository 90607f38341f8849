import { join } from 'node:path';
import type { AgentHandle, MasterHandle } from './handles.ts';
import { startAgent, startMaster, type AgentOptions, type MasterOptions } from './start.ts';

export interface LocalMesosOptions {
  workDir: string;
  /** Number of agents; they listen on 127.0.0.2, 127.0.0.3, … Default 4. */
  agents?: number;
  /** Number of masters; more than one needs `zk`. Default 1. */
  masters?: number;
  /** `zk://host:port/mesos`: where masters stand for election and agents look for the leader. */
  zk?: string;
  /** Each agent's `--resources`. */
  resources?: string;
  masterFlags?: Record<string, string>;
  agentFlags?: Record<string, string>;
}

export interface LocalMesos {
  /** What a scheduler connects to: the `zk://…` if there is one, otherwise the master's `host:port`. */
  readonly master: string;
  readonly masters: MasterHandle[];
  readonly agents: AgentHandle[];
  /** HTTP address of the (first) master. */
  readonly masterUrl: string;
  readonly masterPid: number;
  addMaster(options?: Partial<MasterOptions>): Promise<MasterHandle>;
  addAgent(options?: Partial<AgentOptions>): Promise<AgentHandle>;
  /** Ends every process of it, executors included. */
  stop(): Promise<void>;
}

const FIRST_AGENT_HOST = 2;
/** Nobody waits for a laptop's agents to come one by one. */
const AGENT_FLAGS = { registration_backoff_factor: '50ms' };

class Running implements LocalMesos {
  readonly #options: LocalMesosOptions;
  readonly masters: MasterHandle[] = [];
  readonly agents: AgentHandle[] = [];
  #nextMaster = 1;
  #nextAgent = 1;

  constructor(options: LocalMesosOptions) {
    this.#options = options;
  }

  get masterUrl(): string {
    return this.masters[0]!.url;
  }

  get masterPid(): number {
    return this.masters[0]!.pid;
  }

  get master(): string {
    return this.#options.zk ?? this.masters[0]!.address;
  }

  async addMaster(options: Partial<MasterOptions> = {}): Promise<MasterHandle> {
    const { workDir, zk, masterFlags } = this.#options;
    const handle = await startMaster({
      workDir: join(workDir, `master-${this.#nextMaster++}`),
      ...(zk !== undefined && { zk }),
      ...options,
      flags: { ...masterFlags, ...options.flags },
    });
    this.masters.push(handle);
    return handle;
  }

  async addAgent(options: Partial<AgentOptions> = {}): Promise<AgentHandle> {
    const number = this.#nextAgent++;
    const { workDir, resources, agentFlags } = this.#options;
    const handle = await startAgent({
      master: this.master,
      ip: `127.0.0.${FIRST_AGENT_HOST + number - 1}`,
      workDir: join(workDir, `agent-${number}`),
      ...(resources !== undefined && { resources }),
      ...options,
      flags: { ...AGENT_FLAGS, ...agentFlags, ...options.flags },
    });
    this.agents.push(handle);
    return handle;
  }

  async stop(): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.stop()));
    await Promise.all(this.masters.map((master) => master.stop()));
  }
}

/** A whole Mesos on this machine: masters, agents, keepers, each a process. All of them end with this one. */
export async function startLocalMesos(options: LocalMesosOptions): Promise<LocalMesos> {
  const running = new Running(options);
  try {
    for (let count = 0; count < (options.masters ?? 1); count += 1) await running.addMaster();
    await Promise.all(Array.from({ length: options.agents ?? 4 }, () => running.addAgent()));
    await registered(running);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return running;
}

const REGISTER_DEADLINE_MS = 20_000;

async function registered(running: LocalMesos): Promise<void> {
  const deadline = Date.now() + REGISTER_DEADLINE_MS;
  for (;;) {
    const ids = await Promise.all(running.agents.map((agent) => agent.refreshId()));
    if (ids.every((id) => id !== '')) return;
    if (Date.now() > deadline)
      throw new Error(`agents did not register in ${REGISTER_DEADLINE_MS / 1000} seconds`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
