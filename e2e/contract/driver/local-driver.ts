import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  EndedEarly,
  startAgent,
  startMaster,
  type AgentHandle,
  type MasterHandle,
} from '@cotton/mesos-local';
import { startZooKeeper, type ZooKeeperServer } from '@cotton/setup';
import { lastingPort } from './lasting-port.ts';
import type { Endpoint } from '../replay/http.ts';
import type { ProcessDriver, ProcessExit, StartOptions } from './process-driver.ts';

interface Owned {
  port: number;
  workDir: string;
  /** Flags of the last start. */
  flags: Record<string, string>;
  /** When it served for the first time; rejects when it never did. */
  handle: Promise<MasterHandle | AgentHandle>;
}

const HOST = '127.0.0.1';
/** What a flag of an earlier start goes back to when the next start does not name it. */
const DEFAULTS: Record<string, string> = {
  executor_reregistration_timeout: '2secs',
  reconfiguration_policy: 'equal',
  attributes: '',
};
/** An agent registers at once instead of up to a second later; no fact depends on it. */
const QUICK = { registration_backoff_factor: '50ms' };
const EXIT_DEADLINE_MS = 30_000;
const ZOOKEEPER_TICK_MS = 1000;

/** The driver over `tools/mesos-local`: every scenario gets a Mesos of its own. */
export class LocalDriver implements ProcessDriver {
  readonly #root: string;
  readonly #owned = new Map<string, Owned>();
  #zooKeeper: ZooKeeperServer | undefined;

  private constructor(root: string) {
    this.#root = root;
  }

  static async create(): Promise<LocalDriver> {
    const root = await mkdtemp(join(tmpdir(), 'cotton-contract-'));
    // Executors of other users must reach their volumes.
    await chmod(root, 0o755);
    return new LocalDriver(root);
  }

  async start({ name, role, flags }: StartOptions): Promise<Endpoint> {
    const known = this.#owned.get(name);
    if (known) await this.#startAgain(known, flags);
    else await this.#startFirst(name, role, flags);
    return { host: HOST, port: this.#owned.get(name)!.port };
  }

  async #startFirst(name: string, role: 'master' | 'agent', given: Record<string, string>): Promise<void> {
    const port = await lastingPort();
    const workDir = join(this.#root, name);
    const { master, zk, resources, attributes, ...flags } = given;
    const common = { ip: HOST, port, workDir };
    const handle: Promise<MasterHandle | AgentHandle> =
      role === 'master'
        ? startMaster({ ...common, flags, ...(zk && { zk }) })
        : startAgent({
            ...common,
            master: master!,
            flags: { ...QUICK, ...flags },
            ...(resources && { resources }),
            ...(attributes && { attributes }),
          });
    handle.catch(() => {});
    this.#owned.set(name, { port, workDir, flags: given, handle });
  }

  async #startAgain(owned: Owned, flags: Record<string, string>): Promise<void> {
    const gone = Object.keys(owned.flags).filter((flag) => !(flag in flags));
    const reset = Object.fromEntries(gone.map((flag) => [flag, DEFAULTS[flag] ?? '']));
    owned.flags = flags;
    const handle = await owned.handle;
    // Whether it serves is seen from outside.
    handle.start({ ...reset, ...flags }).catch(() => {});
  }

  async signal(name: string, signal: NodeJS.Signals): Promise<void> {
    const handle = await this.#owned.get(name)!.handle;
    handle.signal(signal);
  }

  async exited(name: string): Promise<ProcessExit> {
    const owned = this.#owned.get(name)!;
    const handle = await owned.handle.catch((failure: Error) => failure);
    if (handle instanceof EndedEarly) return { ...handle.exit, log: handle.message };
    if (handle instanceof Error) throw handle;
    const deadline = Date.now() + EXIT_DEADLINE_MS;
    while (handle.running && Date.now() < deadline) await sleep(10);
    if (handle.running) throw new Error(`${name} still runs`);
    return { ...handle.exit, log: handle.logTail };
  }

  workDir(name: string): string {
    return this.#owned.get(name)?.workDir ?? join(this.#root, name);
  }

  fetchCache(name: string): string {
    return join(this.workDir(name), 'fetch');
  }

  async alterBootId(name: string): Promise<void> {
    await writeFile(join(this.workDir(name), 'meta', 'boot_id'), 'another boot');
  }

  async forgetAgentId(name: string): Promise<void> {
    await rm(join(this.workDir(name), 'meta', 'slaves', 'latest'));
  }

  async startZooKeeper(): Promise<Endpoint> {
    this.#zooKeeper = await startZooKeeper({ tickTimeMs: ZOOKEEPER_TICK_MS });
    return { host: HOST, port: this.#zooKeeper.port };
  }

  async killZooKeeper(): Promise<void> {
    await this.#zooKeeper!.kill();
  }

  async close(): Promise<void> {
    const handles = await Promise.allSettled([...this.#owned.values()].map(({ handle }) => handle));
    await Promise.allSettled(
      handles.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.stop() : undefined)),
    );
    await this.#zooKeeper?.stop();
    await rm(this.#root, { recursive: true, force: true, maxRetries: 3 });
  }
}
