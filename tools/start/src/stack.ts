/** The whole of Cotton on this machine: ZooKeeper, the local Mesos, the scheduler; for `npm start`, the stories and the benchmark. */
import type { LocalMesos } from '@cotton/mesos-local';
import { startLocalMesos } from '@cotton/mesos-local';
import type { ZooKeeperServer } from '@cotton/setup';
import { ensureMysqlPackage, freePorts, startZooKeeper } from '@cotton/setup';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { writeCottonCommand } from './commands.ts';
import { isFree } from './ports.ts';
import { bundles } from './paths.ts';
import { SchedulerProcess } from './scheduler-process.ts';

export interface StackOptions {
  stateDir: string;
  /** Keep the state at `stop`, and resume what an earlier run kept. */
  keep: boolean;
  /** Where the `cotton` command is written; default: `stateDir`. */
  commandDir?: string;
  agents?: number;
  agentResources?: string;
  schedulerFlags?: Record<string, string>;
  progress?: (line: string) => void;
}

export interface Stack {
  readonly api: string;
  /** `zk://…/cotton` */
  readonly zkUrl: string;
  readonly stateDir: string;
  readonly keep: boolean;
  readonly zookeeper: ZooKeeperServer;
  readonly mesos: LocalMesos;
  readonly scheduler: SchedulerProcess;
  /** Path of a `cotton` command that knows this stack. */
  readonly cotton: string;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const PREFERRED_API_PORT = 5055;
const AGENTS = 4;
const AGENT_RESOURCES = 'cpus:4;mem:4096;disk:20480;ports:[31000-31099]';
const ROLE = 'cotton';

/** Starts everything, in order; what was started is stopped again when a later part fails. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { stateDir, keep, progress = () => {} } = options;
  if (!keep) await rm(stateDir, { recursive: true, force: true });
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const started: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    for (const part of started.splice(0).reverse()) await part.stop();
    if (!keep) await rm(stateDir, { recursive: true, force: true });
  };
  try {
    progress('starting ZooKeeper');
    const zookeeper = await startZooKeeper({ host: HOST, dataDir: await makeDir(stateDir, 'zookeeper') });
    started.push(zookeeper);
    progress('starting the local Mesos (a stand-in): one master, four agents on 127.0.0.2 to 127.0.0.5');
    const mesos = await startLocalMesos({
      agents: options.agents ?? AGENTS,
      workDir: await makeDir(stateDir, 'mesos'),
      zk: `zk://${zookeeper.connect}/mesos`,
      resources: options.agentResources ?? AGENT_RESOURCES,
    });
    started.push(mesos);
    progress('starting the scheduler');
    const zkUrl = `zk://${zookeeper.connect}/cotton`;
    const scheduler = await prepareScheduler(options, zookeeper, zkUrl);
    started.push(scheduler);
    await scheduler.start();
    const cotton = await writeCottonCommand(options.commandDir ?? stateDir, stateDir, scheduler.url);
    started.push({ stop: () => rm(cotton, { force: true }) });
    return { api: scheduler.url, zkUrl, stateDir, keep, zookeeper, mesos, scheduler, cotton, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepareScheduler(
  { stateDir, schedulerFlags }: StackOptions,
  zookeeper: ZooKeeperServer,
  zkUrl: string,
): Promise<SchedulerProcess> {
  const mysql = await ensureMysqlPackage();
  const keyFile = join(stateDir, 'scheduler.key');
  if (!existsSync(keyFile)) await writeFile(keyFile, randomBytes(16).toString('hex'), { mode: 0o600 });
  return new SchedulerProcess({
    host: HOST,
    port: await apiPort(),
    logFile: join(stateDir, 'scheduler.log'),
    flags: {
      mesos_master: `zk://${zookeeper.connect}/mesos`,
      zk_url: zkUrl,
      framework_user: userInfo().username,
      framework_role: ROLE,
      executor_uri: `file://${bundles.executor}`,
      executor_cmd: './cotton-executor',
      scheduler_keypath: keyFile,
      installer_args: JSON.stringify({
        installer: 'tarball',
        uri: `file://${mysql.file}`,
        sha256: mysql.sha256,
        cache: join(stateDir, 'packages'),
      }),
      ...schedulerFlags,
    },
  });
}

/** The usual port when it is free, so that bookmarks go on working; another one otherwise. */
async function apiPort(): Promise<number> {
  const [free = 0] = await freePorts(HOST, 1);
  return (await isFree(HOST, PREFERRED_API_PORT)) ? PREFERRED_API_PORT : free;
}

async function makeDir(stateDir: string, name: string): Promise<string> {
  const dir = join(stateDir, name);
  await mkdir(dir, { recursive: true });
  return dir;
}
