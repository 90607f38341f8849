/** Everything a round stands on: ZooKeeper, masters, agents, schedulers, each on a host of its own. */
import { ApiClient } from '@cotton/api';
import type { AgentHandle, MasterHandle } from '@cotton/mesos-local';
import { startAgent, startMaster } from '@cotton/mesos-local';
import type { ZooKeeperServer } from '@cotton/setup';
import { ensureMysql, freePorts, startZooKeeperEnsemble } from '@cotton/setup';
import { SchedulerProcess } from '@cotton/start';
import { randomBytes, randomInt } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { BUILT, type Bundles } from './bundles.ts';
import { mountDisk } from './disk.ts';
import type { Ground } from './host.ts';

const SHAPE = {
  zookeepers: ['zk1', 'zk2', 'zk3'],
  masters: ['mesos1', 'mesos2'],
  schedulers: ['sched1', 'sched2'],
};

/** One agent more than the cluster has members, so that one can be replaced. */
export function agentNames(nodes: number): string[] {
  return Array.from({ length: nodes + 1 }, (_, index) => `agent${index + 1}`);
}

export function hostNames(nodes: number): string[] {
  return [...Object.values(SHAPE).flat(), ...agentNames(nodes)];
}

export interface LabOptions {
  ground: Ground;
  /** Other programs than those that were built. */
  bundles?: Bundles | undefined;
  /** Empty; removed by whoever made it. */
  dir: string;
  /** Members that the cluster will have. */
  nodes: number;
  sessionTimeoutMs: number;
  say: (line: string) => void;
}

const ROLE = 'cotton';
const API_PORT = 5055;
const MASTER_PORT = 5050;
const AGENT_PORT = 5051;
const API_RETRY_MS = 2_000;
const API_ATTEMPT_MS = 3_000;
const READY_LIMIT_MS = 60_000;

export class Lab {
  readonly ground: Ground;
  readonly dir: string;
  readonly zookeepers: ZooKeeperServer[] = [];
  readonly masters: MasterHandle[] = [];
  readonly agents: AgentHandle[] = [];
  readonly schedulers: SchedulerProcess[] = [];
  readonly #options: LabOptions;
  readonly #bundles: Bundles;
  readonly #stops: (() => Promise<unknown>)[] = [];
  #zk = '';

  /** What was started is stopped again when a later part fails. */
  static async start(options: LabOptions): Promise<Lab> {
    const lab = new Lab(options);
    try {
      await lab.#start();
      return lab;
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  private constructor(options: LabOptions) {
    this.#options = options;
    this.#bundles = options.bundles ?? BUILT;
    this.ground = options.ground;
    this.dir = options.dir;
  }

  /** Gives up soon: whoever polls asks again. */
  get api(): ApiClient {
    const urls = this.schedulers.map(({ url }) => url);
    return new ApiClient({ urls, retryMs: API_RETRY_MS, attemptTimeoutMs: API_ATTEMPT_MS });
  }

  agentAt(ip: string): AgentHandle {
    const agent = this.agents.find((one) => one.ip === ip);
    if (!agent) throw new Error(`no agent has the address ${ip}`);
    return agent;
  }

  /** Name of the host that a part runs on. */
  hostNameOf(part: AgentHandle | MasterHandle | SchedulerProcess | ZooKeeperServer): string {
    const lists = [this.agents, this.masters, this.schedulers, this.zookeepers];
    const names = [agentNames(this.#options.nodes), SHAPE.masters, SHAPE.schedulers, SHAPE.zookeepers];
    const found = lists.flatMap((list, kind) => {
      const index = list.findIndex((one) => one === part);
      return index < 0 ? [] : [names[kind]?.[index] ?? ''];
    });
    return found[0] ?? '';
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse())
      await stop().catch((error: unknown) => this.#options.say(`stopping: ${(error as Error).message}`));
  }

  async #start(): Promise<void> {
    const { say } = this.#options;
    await mkdir(this.dir, { recursive: true });
    // mysqld runs as nobody, and has to reach its volume.
    await chmod(this.dir, 0o755);
    say('starting three ZooKeepers');
    await this.#startZooKeepers();
    say('starting masters, agents and schedulers');
    await Promise.all([this.#startMasters(), this.#startAgents()]);
    await this.#startSchedulers();
  }

  async #startZooKeepers(): Promise<void> {
    const places = SHAPE.zookeepers.map((name) => {
      const { ip, launcher } = this.ground.host(name);
      return { host: ip, launcher, dataDir: join(this.dir, name) };
    });
    const ensemble = await startZooKeeperEnsemble(
      this.ground.kind === 'namespaces' ? { places } : { members: places.length },
    );
    this.zookeepers.push(...ensemble.servers);
    this.#zk = ensemble.connect;
    this.#stops.push(() => ensemble.stop());
  }

  async #startMasters(): Promise<void> {
    for (const name of SHAPE.masters) {
      const { ip, launcher } = this.ground.host(name);
      const master = await startMaster({
        ...{ ip, launcher, workDir: join(this.dir, name), zk: `zk://${this.#zk}/mesos` },
        ...(this.ground.kind === 'namespaces' && { port: MASTER_PORT }),
      });
      this.masters.push(master);
      this.#stops.push(() => master.stop());
    }
  }

  async #startAgents(): Promise<void> {
    const ports = this.ground.kind === 'namespaces' ? '31000-31099' : somePorts();
    const starting = agentNames(this.#options.nodes).map(async (name) => {
      const { ip, launcher } = this.ground.host(name);
      const workDir = join(this.dir, name);
      this.#stops.push(await mountDisk(this.ground.disks, join(workDir, 'volumes')));
      return startAgent({
        ...{ ip, launcher, workDir, master: `zk://${this.#zk}/mesos` },
        ...(this.ground.kind === 'namespaces' && { port: AGENT_PORT }),
        resources: `cpus:4;mem:4096;disk:20480;ports:[${ports}]`,
        flags: { registration_backoff_factor: '50ms' },
      });
    });
    this.agents.push(...(await Promise.all(starting)));
    for (const agent of this.agents) this.#stops.push(() => agent.stop());
  }

  async #startSchedulers(): Promise<void> {
    const flags = await this.#schedulerFlags();
    const bundle = this.#bundles.scheduler;
    for (const name of SHAPE.schedulers) {
      const { ip, launcher } = this.ground.host(name);
      const [free = 0] = this.ground.kind === 'namespaces' ? [API_PORT] : await freePorts(ip, 1);
      const logFile = join(this.dir, `${name}.log`);
      const scheduler = new SchedulerProcess({ host: ip, port: free, bundle, launcher, flags, logFile });
      this.schedulers.push(scheduler);
      this.#stops.push(() => scheduler.stop());
      await scheduler.launch();
    }
    await this.#untilOneLeads();
  }

  async #schedulerFlags(): Promise<Record<string, string>> {
    const mysql = await ensureMysql();
    const keyFile = join(this.dir, 'scheduler.key');
    await writeFile(keyFile, randomBytes(16).toString('hex'), { mode: 0o600 });
    return {
      mesos_master: `zk://${this.#zk}/mesos`,
      zk_url: `zk://${this.#zk}/cotton`,
      zk_session_timeout: `${this.#options.sessionTimeoutMs}ms`,
      framework_user: userInfo().username,
      framework_role: ROLE,
      executor_uri: `file://${this.#bundles.executor}`,
      executor_cmd: `'${process.execPath}' cotton-executor.mjs`,
      scheduler_keypath: keyFile,
      installer_args: JSON.stringify({ installer: 'tarball', uri: mysql.root }),
    };
  }

  async #untilOneLeads(): Promise<void> {
    const deadline = performance.now() + READY_LIMIT_MS;
    for (;;) {
      const answer = await this.api.list().catch((error: unknown) => error as Error);
      if (!(answer instanceof Error) && answer.mesos.connected) return;
      if (performance.now() > deadline) {
        const logs = await Promise.all(this.schedulers.map((scheduler) => scheduler.logTail(10)));
        throw new Error(`no scheduler leads:\n${logs.join('\n')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Other stacks on this machine have their agents on the same addresses. */
function somePorts(): string {
  const first = 10_000 + 100 * randomInt(200);
  return `${first}-${first + 99}`;
}
