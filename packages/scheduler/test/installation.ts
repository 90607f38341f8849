/** Several schedulers (real processes, real ZooKeeper) and one cluster, whose members the test plays; Mesos if wanted. */
import type { Control, Status } from '@cotton/core';
import {
  controlOf,
  encodeClusterRecord,
  encodeDocument,
  parseClusterRecord,
  type ClusterRecord,
} from '@cotton/core';
import { World } from '@cotton/core/testing';
import { controlPath, electionPath, statusPath } from '@cotton/coordination';
import { type LocalMesos, startLocalMesos } from '@cotton/mesos-local';
import {
  freePorts,
  restoreZooKeeper,
  saveZooKeeper,
  startZooKeeper,
  startZooKeeperEnsemble,
  until,
} from '@cotton/setup';
import { ZooKeeper } from '@cotton/zookeeper';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SecretKeeper } from '../src/engine/secrets.ts';

export const SESSION_MS = 2_000;
/** Longer than any restart of ZooKeeper. */
export const LONG_SESSION_MS = 30_000;
export const PASSWORD = 'secret';
const ROOT = '/cotton';
const MAIN = join(import.meta.dirname, '../src/main.ts');
const KEY = Buffer.alloc(32, 7);
const TICK_MS = 200;

export interface Scheduler {
  url: string;
  child: ChildProcess;
  /** Its exit code; null when a signal ended it. */
  ended: Promise<number | null>;
  log(): Promise<string>;
}

type Ensemble = Awaited<ReturnType<typeof startZooKeeperEnsemble>>;

export class Installation {
  readonly #dir: string;
  readonly #zookeeper: Ensemble;
  readonly #client: ZooKeeper;
  readonly #schedulers: Scheduler[] = [];
  readonly members = World.serving(3);
  #mesos: LocalMesos | undefined;

  /** @param zookeepers only an ensemble lets sessions go on after it was restored from a copy: it begins a new epoch */
  static async start(zookeepers: 1 | 3 = 1): Promise<Installation> {
    const zookeeper = await startZooKeepers(zookeepers);
    const client = await ZooKeeper.connect({ servers: zookeeper.connect, sessionTimeoutMs: LONG_SESSION_MS });
    const installation = new Installation(
      await mkdtemp(join(tmpdir(), 'cotton-takeover-')),
      zookeeper,
      client,
    );
    await installation.#seed();
    return installation;
  }

  private constructor(dir: string, zookeeper: Ensemble, client: ZooKeeper) {
    this.#dir = dir;
    this.#zookeeper = zookeeper;
    this.#client = client;
  }

  async stop(): Promise<void> {
    for (const { child, ended } of this.#schedulers) {
      child.kill('SIGKILL');
      await ended;
    }
    await this.#client.close();
    await this.#mesos?.stop();
    await this.#zookeeper.stop();
    await rm(this.#dir, { recursive: true });
  }

  /** Schedulers that start from now on find a Mesos: a master without agents. */
  async withMesos(): Promise<void> {
    const workDir = join(this.#dir, 'mesos');
    this.#mesos = await startLocalMesos({ workDir, zk: `zk://${this.#zookeeper.connect}/mesos`, agents: 0 });
  }

  /** Starts one more and waits until it stands for election. */
  async scheduler(sessionMs = SESSION_MS): Promise<Scheduler> {
    const [port] = await freePorts('127.0.0.1', 1);
    const before = (await this.#client.children(electionPath(ROOT)))?.length ?? 0;
    const one = this.#spawn(port ?? 0, sessionMs);
    this.#schedulers.push(one);
    await until(async () => ((await this.#client.children(electionPath(ROOT)))?.length ?? 0) > before);
    return one;
  }

  async record(): Promise<ClusterRecord> {
    return (await this.stored()).record;
  }

  async stored(): Promise<{ record: ClusterRecord; version: number }> {
    const node = await this.#client.get(`${ROOT}/state/clusters/${this.members.record.uid}`);
    if (!node) throw new Error('there is no record');
    return { record: parseClusterRecord(node.data), version: node.version };
  }

  async control(): Promise<Control> {
    const node = await this.#client.get(controlPath(ROOT, this.members.record.uid));
    return JSON.parse(node?.data.toString() ?? '') as Control;
  }

  /** The member does what the record asks for, and something else where `over` says so. */
  async say(id: string, over: Partial<Status> = {}): Promise<void> {
    this.members.record = await this.record();
    this.members.obey(id, over);
    await this.sayAgain(id);
  }

  /** What it said last. */
  async sayAgain(id: string): Promise<void> {
    const status = this.members.statuses.get(id);
    const path = statusPath(ROOT, this.members.record.uid, id);
    if (!status) return;
    const data = encodeDocument(status);
    if (await this.#client.exists(path)) await this.#client.set(path, data);
    else await this.#client.create(path, data, { ephemeral: true });
  }

  async vanish(id: string): Promise<void> {
    await this.#client.remove(statusPath(ROOT, this.members.record.uid, id));
  }

  /** Members obey until the record is as wanted. */
  async obeyUntil(ids: readonly string[], isDone: (record: ClusterRecord) => boolean): Promise<void> {
    let known = '';
    await until(async () => {
      const record = await this.record();
      if (isDone(record)) return true;
      const text = JSON.stringify(record);
      if (text !== known) for (const id of ids) await this.say(id);
      known = text;
      return false;
    });
  }

  async saveZooKeeper(): Promise<void> {
    const [server] = this.#zookeeper.servers;
    if (server) await saveZooKeeper(server, this.#copy);
  }

  /** It comes back as it was then, sessions and all. */
  async restoreZooKeeper(): Promise<void> {
    await restoreZooKeeper(this.#zookeeper.servers, this.#copy);
  }

  get #copy(): string {
    return join(this.#dir, 'zookeeper-copy');
  }

  async #seed(): Promise<void> {
    const { uid } = this.members.record;
    const sealedSecrets = new SecretKeeper(KEY).create(uid, PASSWORD);
    this.members.record = { ...this.members.record, sealedSecrets };
    const nodes: [string, Buffer][] = [
      ['state/layout', Buffer.from('{"layout":1}')],
      ['state/installation', Buffer.from('{"format":1,"id":"takeover","frameworkId":null}')],
      [`state/clusters/${uid}`, encodeClusterRecord(this.members.record)],
      [`control/${uid}`, encodeDocument(controlOf(this.members.record, {}))],
    ];
    for (const [path, data] of nodes) {
      await this.#client.ensure(`${ROOT}/${path.slice(0, path.lastIndexOf('/'))}`);
      await this.#client.create(`${ROOT}/${path}`, data);
    }
    await this.#client.ensure(statusPath(ROOT, uid));
    await this.#client.ensure(electionPath(ROOT));
    for (const { id } of this.members.record.instances) await this.say(id);
    await writeFile(join(this.#dir, 'key'), KEY);
  }

  #spawn(port: number, sessionMs: number): Scheduler {
    const flags = {
      port,
      bind: '127.0.0.1',
      // Nobody listens there: most of what is tried here needs no Mesos.
      mesos_master: this.#mesos?.master ?? '127.0.0.1:1',
      framework_user: 'nobody',
      executor_uri: '/none',
      executor_cmd: 'true',
      zk_url: `zk://${this.#zookeeper.connect}${ROOT}`,
      zk_session_timeout: `${sessionMs}ms`,
      scheduler_keypath: join(this.#dir, 'key'),
    };
    const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    const logFile = join(this.#dir, `${port}.log`);
    const child = spawn(process.execPath, ['--conditions=@cotton/source', MAIN, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.pipe(createWriteStream(logFile));
    const ended = once(child, 'exit').then(([code]) => code as number | null);
    return { url: `http://127.0.0.1:${port}`, child, ended, log: () => readFile(logFile, 'utf8') };
  }
}

async function startZooKeepers(members: 1 | 3): Promise<Ensemble> {
  if (members > 1) return startZooKeeperEnsemble({ members, tickTimeMs: TICK_MS });
  const server = await startZooKeeper({ tickTimeMs: TICK_MS });
  return { connect: server.connect, servers: [server], stop: () => server.stop() };
}

/** Whether this scheduler says that it leads; false also where it does not answer. */
export async function leads(scheduler: Scheduler): Promise<boolean> {
  return (await readiness(scheduler)).leading;
}

/** And whether Mesos takes it for the one scheduler of the framework. */
export async function isSubscribed(scheduler: Scheduler): Promise<boolean> {
  const { leading, ready } = await readiness(scheduler);
  return leading && ready;
}

async function readiness({ url }: Scheduler): Promise<{ leading: boolean; ready: boolean }> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) });
    return (await answer.json()) as { leading: boolean; ready: boolean };
  } catch {
    return { leading: false, ready: false };
  }
}
