import { seal } from '@cotton/coordination';
import {
  type Control,
  encodeDocument,
  encodeTaskData,
  instanceId,
  type Member,
  parseStatus,
  serverId,
  type Status,
  type TaskData,
  taskId,
  volumeId,
  type Voter,
} from '@cotton/core';
import { ensureMysql, freePorts, startZooKeeper, type ZooKeeperServer } from '@cotton/setup';
import { ZooKeeper } from '@cotton/zookeeper';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FakeAgent } from './fake-agent.ts';

const UID = 'a1b2c3d4e5f6';
const ROOT = '/cotton';
/** The sources, which start faster than they are bundled; or, to try one, the executable named here. */
const COMMAND = process.env.COTTON_TEST_EXECUTOR
  ? [process.env.COTTON_TEST_EXECUTOR]
  : [process.execPath, '--conditions=@cotton/source', join(import.meta.dirname, '../src/main.ts')];

export const REPLICATION_PASSWORD = 'r'.repeat(24);
export const USER = { user: 'tester', password: 'geheim\'"\\ß' };

/** A hand-driven cluster: real ZooKeeper, real executors and mysqlds, the test in the scheduler's place. */
export class TestCluster {
  readonly directory: string;
  readonly zookeeper: ZooKeeper;
  readonly instances: TestInstance[] = [];
  readonly #server: ZooKeeperServer;
  #control: Control | undefined;

  static async start(): Promise<TestCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'cotton-executor-'));
    await chmod(directory, 0o755);
    const server = await startZooKeeper();
    const zookeeper = await ZooKeeper.connect({ servers: server.connect, sessionTimeoutMs: 4_000 });
    await zookeeper.ensure(`${ROOT}/control`);
    await zookeeper.ensure(`${ROOT}/status`);
    return new TestCluster(directory, zookeeper, server);
  }

  private constructor(directory: string, zookeeper: ZooKeeper, server: ZooKeeperServer) {
    this.directory = directory;
    this.zookeeper = zookeeper;
    this.#server = server;
  }

  get control(): Control {
    if (!this.#control) throw new Error('no control yet');
    return this.#control;
  }

  /** The fenced write of a scheduler, without a scheduler. */
  async write(changes: Partial<Control>): Promise<Control> {
    const control = { ...(this.#control ?? this.#firstControl()), ...changes };
    const path = `${ROOT}/control/${UID}`;
    const data = encodeDocument(control);
    if (this.#control) await this.zookeeper.set(path, data);
    else await this.zookeeper.create(path, data);
    this.#control = control;
    return control;
  }

  /** Nobody is primary: members stop receiving and report. */
  async depose(): Promise<Control> {
    return this.write({
      ...this.#nextEpoch(),
      phase: 'electing',
      primary: null,
      sourceUuid: null,
      barred: [],
    });
  }

  /** One write opens an epoch; after `depose` the epoch that began there. */
  async enthrone(primary: TestInstance, voters: TestInstance[], elected: string): Promise<Control> {
    const { data } = await primary.until((s) => s.data !== null && s.mysqld === 'serving');
    const epoch = this.control.phase === 'electing' ? {} : this.#nextEpoch();
    return this.write({
      ...epoch,
      phase: 'steady',
      primary: primary.task.instance,
      sourceUuid: data?.serverUuid ?? '',
      elected,
      switchover: null,
      ...(await this.#electorate(voters, Math.min(1, voters.length))),
      barred: [],
    });
  }

  /** The next generation of the same primary. */
  async change(voters: TestInstance[], ackCount: number, barred: TestInstance[] = []): Promise<Control> {
    return this.write({
      ...(await this.#electorate(voters, ackCount)),
      barred: barred.map(({ task }) => task.serverId),
    });
  }

  #nextEpoch(): Pick<Control, 'epoch' | 'epochId'> {
    const epoch = (this.#control?.epoch ?? 0) + 1;
    return { epoch, epochId: `e${epoch}` };
  }

  async #electorate(
    voters: TestInstance[],
    ackCount: number,
  ): Promise<Pick<Control, 'generation' | 'inSync' | 'ackCount'>> {
    const inSync = await Promise.all(voters.map((voter) => voter.voter()));
    return { generation: (this.#control?.generation ?? 0) + 1, inSync, ackCount };
  }

  /** To everybody it looks like a network that swallows everything. */
  pauseZooKeeper(): void {
    process.kill(this.#server.pid, 'SIGSTOP');
  }

  resumeZooKeeper(): void {
    process.kill(this.#server.pid, 'SIGCONT');
  }

  async addInstance(changes: Partial<TaskData> = {}): Promise<TestInstance> {
    const instance = await TestInstance.create(this, this.instances.length, changes, this.#server.connect);
    this.instances.push(instance);
    return instance;
  }

  instance(index: number): TestInstance {
    const instance = this.instances[index];
    if (!instance) throw new Error(`no instance ${index}`);
    return instance;
  }

  async stop(): Promise<void> {
    for (const instance of this.instances) await instance.destroy();
    await this.zookeeper.close();
    await this.#server.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  #firstControl(): Control {
    const secrets = { userPassword: USER.password, replicationPassword: REPLICATION_PASSWORD };
    const sealed = this.instances.map(({ task }) => [
      task.instance,
      seal(Buffer.from(task.key, 'base64'), JSON.stringify(secrets), `${UID}/${task.instance}`),
    ]);
    return {
      format: 1,
      cluster: { uid: UID, name: 'demo' },
      epoch: 0,
      epochId: '',
      phase: 'forming',
      primary: null,
      elected: '',
      sourceUuid: null,
      members: this.instances.map(({ member }) => member),
      generation: 0,
      inSync: [],
      ackCount: 0,
      barred: [],
      heartbeatBoundMs: 3_000,
      switchover: null,
      user: USER.user,
      secrets: Object.fromEntries(sealed) as Record<string, string>,
    };
  }
}

/** One executor process with its sandbox, volume and agent. */
export class TestInstance {
  readonly task: TaskData;
  readonly agent: FakeAgent;
  readonly volume: string;
  readonly #cluster: TestCluster;
  readonly #sandbox: string;
  #process: ChildProcess | undefined;

  static async create(
    cluster: TestCluster,
    ordinal: number,
    changes: Partial<TaskData>,
    servers: string,
  ): Promise<TestInstance> {
    const [port = 0, httpPort = 0] = await freePorts('127.0.0.1', 2);
    const { root } = await ensureMysql();
    const instance = instanceId('demo', ordinal);
    const task: TaskData = {
      format: 1,
      cluster: { uid: UID, name: 'demo' },
      instance,
      ordinal,
      serverId: serverId(ordinal),
      taskId: taskId(UID, instance, 1),
      volumeId: volumeId(UID, ordinal),
      volumePath: 'volume',
      agentId: 'agent',
      address: '127.0.0.1:5051',
      host: '127.0.0.1',
      port,
      httpPort,
      size: { cpus: 1, memMb: 512, diskMb: 1024 },
      zk: { servers, path: ROOT, sessionTimeoutMs: 4_000 },
      key: randomBytes(32).toString('base64'),
      installerArgs: JSON.stringify({ installer: 'tarball', uri: root }),
      ...changes,
    };
    const sandbox = join(cluster.directory, `${instance}-sandbox`);
    const volume = join(cluster.directory, `${instance}-volume`);
    await mkdir(sandbox, { mode: 0o750 });
    await mkdir(volume);
    await symlink(volume, join(sandbox, task.volumePath));
    const agent = await FakeAgent.start('127.0.0.1', { taskId: task.taskId, data: encodeTaskData(task) });
    return new TestInstance({ cluster, task, agent, volume, sandbox });
  }

  private constructor(parts: {
    cluster: TestCluster;
    task: TaskData;
    agent: FakeAgent;
    volume: string;
    sandbox: string;
  }) {
    this.#cluster = parts.cluster;
    this.task = parts.task;
    this.agent = parts.agent;
    this.volume = parts.volume;
    this.#sandbox = parts.sandbox;
  }

  get member(): Member {
    const { instance, serverId, taskId, host, port, httpPort } = this.task;
    return { instance, serverId, taskId, host, port, httpPort };
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts the executor as an agent would: small environment, sandbox as working directory. */
  run(extra: Record<string, string> = {}): void {
    const { taskId } = this.task;
    const env = {
      PATH: process.env.PATH,
      MESOS_AGENT_ENDPOINT: this.agent.endpoint,
      MESOS_FRAMEWORK_ID: 'framework',
      MESOS_EXECUTOR_ID: taskId,
      MESOS_SLAVE_ID: 'agent',
      MESOS_SANDBOX: this.#sandbox,
      MESOS_DIRECTORY: this.#sandbox,
      MESOS_CHECKPOINT: '1',
      MESOS_RECOVERY_TIMEOUT: '15mins',
      MESOS_SUBSCRIPTION_BACKOFF_MAX: '2secs',
      MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: '30secs',
      ...extra,
    };
    const options = {
      cwd: this.#sandbox,
      env,
      stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'],
    };
    const [program = '', ...args] = COMMAND;
    const child = spawn(program, args, options);
    const log = createWriteStream(join(this.#sandbox, 'stderr'), { flags: 'a' });
    child.stderr.pipe(log);
    child.stdout.pipe(log);
    this.#process = child;
  }

  /** What the executor logged, for a failing test. */
  log(): Promise<string> {
    return readFile(join(this.#sandbox, 'stderr'), 'utf8');
  }

  async exited(timeoutMs = 20_000): Promise<number | null> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    await Promise.race([once(child, 'exit'), sleep(timeoutMs, undefined, { ref: false })]);
    if (child.exitCode === null && child.signalCode === null) throw new Error('the executor still runs');
    return child.exitCode;
  }

  async status(): Promise<Status | undefined> {
    const node = await this.#cluster.zookeeper.get(`${ROOT}/status/${UID}/${this.task.instance}`);
    return node && parseStatus(node.data);
  }

  /** The status, once it is as wanted. */
  async until(wanted: (status: Status) => boolean, timeoutMs = 30_000): Promise<Status> {
    let last: Status | undefined;
    return new Promise((resolve, reject) => {
      const path = `${ROOT}/status/${UID}/${this.task.instance}`;
      const stop = this.#cluster.zookeeper.watch(path, (node) => {
        last = node && parseStatus(node.data);
        if (last && wanted(last)) finish(() => resolve(last as Status));
      });
      const timer = setTimeout(() => {
        finish(() => reject(new Error(`${this.task.instance} is ${JSON.stringify(last)}`)));
      }, timeoutMs);
      const finish = (how: () => void) => {
        clearTimeout(timer);
        queueMicrotask(() => stop());
        how();
      };
    });
  }

  /** As the scheduler counts it. */
  async voter(): Promise<Voter> {
    const { data, bootId } = await this.until((s) => s.data !== null);
    if (!data) throw new Error('no data');
    return { instance: this.task.instance, ...data, bootId };
  }

  /** Open, and its generation proven. */
  untilSettled(): Promise<Status> {
    const { generation } = this.#cluster.control;
    return this.until((s) => s.role === 'primary' && s.lead?.settled === generation);
  }

  /** Attached for the epoch in force, with everything applied, and obeying the generation in force. */
  untilFollowing(): Promise<Status> {
    const { generation, epoch } = this.#cluster.control;
    return this.until(
      (s) => s.replication?.epoch === epoch && s.replication.caughtUp && s.acks?.generation === generation,
      60_000,
    );
  }

  http(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.task.httpPort}${path}`);
  }

  async mysqldPid(): Promise<number> {
    const { mysqld_pid } = (await (await this.http('/status')).json()) as { mysqld_pid: number };
    return mysqld_pid;
  }

  /** kill -9 of the executor; the agent forgets it and will launch the task anew. */
  async crash(): Promise<void> {
    const child = this.#process;
    this.agent.forget();
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    // Its status vanishes with its ZooKeeper session; what it said must not be taken for news.
    await this.#cluster.zookeeper.removeTree(`${ROOT}/status/${UID}/${this.task.instance}`);
  }

  async destroy(): Promise<void> {
    await this.crash();
    await this.agent.stop();
  }
}
