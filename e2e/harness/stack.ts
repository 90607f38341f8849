/** Everything a story stands on: ZooKeeper, a Mesos, a scheduler, packages over HTTP. Each file of stories has its own. */
import { ApiClient } from '@cotton/api';
import { OperatorClient } from '@cotton/mesos';
import type { ZooKeeperServer } from '@cotton/setup';
import { freePorts, startZooKeeper } from '@cotton/setup';
import { SchedulerProcess } from '@cotton/start';
import { parseZkUrl, ZooKeeper } from '@cotton/zookeeper';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cotton } from './cli.ts';
import { cottonCommand } from './cli.ts';
import { eventually } from './eventually.ts';
import type { E2eOptions } from './options.ts';
import { currentOptions } from './options.ts';
import type { Installer, Packages } from './packages.ts';
import { servePackages } from './packages.ts';
import type { LocalSettings, MesosTarget } from './target.ts';
import { openTarget } from './target.ts';

/** A killed scheduler leads again only once its old session has expired. */
const RETRY_MS = 60_000;

export interface StackSettings {
  /** Further flags of the scheduler; they win. */
  flags?: Record<string, string>;
  /** Another installer than the usual one, made from it. */
  installer?: (usual: Installer) => Installer;
  /** `user:password` that what this stack keeps in ZooKeeper is protected with. */
  zkAuth?: string;
  /** Only for the local target. */
  local?: LocalSettings;
}

export interface Stack {
  readonly options: E2eOptions;
  readonly api: string;
  readonly client: ApiClient;
  readonly cotton: Cotton;
  /** Where this stack keeps everything in ZooKeeper: `zk://host:port/cotton-e2e-…`. */
  readonly zkUrl: string;
  /** Undefined where ZooKeeper is somebody else's. */
  readonly zookeeper: ZooKeeperServer | undefined;
  readonly mesos: MesosTarget;
  readonly scheduler: SchedulerProcess;
  readonly packages: Packages;
  /** Temporary directory: `scheduler.log`, state, the CLI's configuration. */
  readonly dir: string;
  stop(): Promise<void>;
}

export async function startStack(settings: StackSettings = {}): Promise<Stack> {
  const options = currentOptions();
  const dir = await mkdtemp(join(tmpdir(), 'cotton-e2e-'));
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  if (!options.keep) stops.push(() => rm(dir, { recursive: true, force: true }));
  try {
    const packages = await servePackages(options, settings.installer);
    stops.push(() => packages.server.stop());
    const { zookeeper, zk } = await openZooKeeper(options, dir);
    if (zookeeper) stops.push(() => zookeeper.stop());
    const mesos = await openTarget(options, { dir, zk: parseZkUrl(zk).servers, local: settings.local ?? {} });
    stops.push(() => mesos.stop());
    const zkUrl = ownPath(zk, settings.zkAuth);
    if (!zookeeper) stops.push(() => removeTree(zkUrl));
    const scheduler = await prepareScheduler(options, {
      dir,
      packages,
      mesos,
      zkUrl,
      flags: settings.flags ?? {},
    });
    stops.push(() => scheduler.stop());
    await scheduler.start();
    const client = new ApiClient({ urls: [scheduler.url], retryMs: RETRY_MS });
    const cotton = await cottonCommand(scheduler.url, join(dir, 'config'));
    const stack: Stack = {
      ...{ options, dir, packages, zookeeper, mesos, zkUrl, scheduler, client, cotton },
      api: scheduler.url,
      stop,
    };
    if (!mesos.driver) stops.push(() => leaveNothing(stack));
    await untilSubscribed(stack);
    return stack;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openZooKeeper(
  options: E2eOptions,
  dir: string,
): Promise<{ zookeeper: ZooKeeperServer | undefined; zk: string }> {
  if (options.zk !== undefined) return { zookeeper: undefined, zk: options.zk };
  const zookeeper = await startZooKeeper({ host: options.bind, dataDir: join(dir, 'zookeeper') });
  return { zookeeper, zk: `zk://${options.advertise}:${zookeeper.port}` };
}

/** A path of its own for each stack, so that runs on one ZooKeeper never meet. */
function ownPath(zk: string, auth: string | undefined): string {
  const address = auth === undefined ? zk : zk.replace(/^zk:\/\/(.*@)?/, `zk://${auth}@`);
  return `${address.replace(/\/+$/, '')}/cotton-e2e-${randomBytes(4).toString('hex')}`;
}

async function prepareScheduler(
  options: E2eOptions,
  parts: {
    dir: string;
    packages: Packages;
    mesos: MesosTarget;
    zkUrl: string;
    flags: Record<string, string>;
  },
): Promise<SchedulerProcess> {
  const { dir, packages, mesos, zkUrl, flags } = parts;
  const keyFile = join(dir, 'scheduler.key');
  await writeFile(keyFile, randomBytes(16).toString('hex'), { mode: 0o600 });
  const [port = 0] = await freePorts(options.bind, 1);
  return new SchedulerProcess({
    host: options.advertise,
    port,
    logFile: join(dir, 'scheduler.log'),
    flags: {
      bind: options.bind,
      mesos_master: mesos.master,
      zk_url: await privateFile(dir, 'zk_url', zkUrl),
      framework_user: options.user,
      framework_role: options.role,
      framework_name: 'cotton-e2e',
      executor_uri: packages.executorUri,
      executor_cmd: packages.executorCommand,
      scheduler_keypath: keyFile,
      installer_args: JSON.stringify(packages.installer),
      ...(await authentication(options, dir)),
      ...flags,
    },
  });
}

/** For flags that may hold a password, which must not stand in a command line. */
async function privateFile(dir: string, name: string, content: string): Promise<string> {
  const file = join(dir, name);
  await writeFile(file, content, { mode: 0o600 });
  return `file://${file}`;
}

async function authentication(options: E2eOptions, dir: string): Promise<Record<string, string>> {
  const credential = await credentialOf(options);
  if (!credential) return {};
  const file = join(dir, 'authentication.yml');
  // JSON is YAML, and needs no thought about what a secret may hold.
  await writeFile(file, JSON.stringify(credential), { mode: 0o600 });
  return { framework_authentication_file: file };
}

async function credentialOf({
  principal,
  secretFile,
}: E2eOptions): Promise<{ principal: string; secret: string } | undefined> {
  if (principal === undefined || secretFile === undefined) return undefined;
  return { principal, secret: (await readFile(secretFile, 'utf8')).replace(/\n$/, '') };
}

/** Until the scheduler leads and is connected to Mesos: what it was asked for before that was not lost, but waits. */
export function untilSubscribed({ client }: Stack): Promise<void> {
  return eventually('the scheduler is subscribed with Mesos', async () => {
    const { mesos } = await client.list();
    if (!mesos.connected) throw new Error(JSON.stringify(mesos));
  });
}

/** `http://host:port` of the leading master, as the scheduler sees it. */
export async function masterUrl(stack: Stack): Promise<string> {
  const { mesos } = await stack.client.list();
  if (mesos.master === null) throw new Error('the scheduler knows no master');
  return `http://${mesos.master}`;
}

/** Headers for reading from a Mesos that wants to know who asks. */
export async function mesosHeaders(options: E2eOptions): Promise<Record<string, string>> {
  const credential = await credentialOf(options);
  if (!credential) return {};
  const text = `${credential.principal}:${credential.secret}`;
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}

/** On a Mesos that outlives us: delete what a failed story left, then take the framework away. */
async function leaveNothing(stack: Stack): Promise<void> {
  const { clusters, mesos } = await stack.client.list();
  for (const { name } of clusters) await stack.cotton(['delete', name, '--yes', '--wait', '--timeout', '60']);
  if (mesos.master === null || mesos.framework_id === null) return;
  const credential = await credentialOf(stack.options);
  const operator = new OperatorClient({ master: mesos.master, ...(credential && { credential }) });
  await stack.scheduler.stop();
  await operator.teardown(mesos.framework_id);
}

async function removeTree(zkUrl: string): Promise<void> {
  const { path, ...location } = parseZkUrl(zkUrl);
  const zookeeper = await ZooKeeper.connect({ ...location, sessionTimeoutMs: 10_000 });
  try {
    await zookeeper.removeTree(path);
  } finally {
    await zookeeper.close();
  }
}
