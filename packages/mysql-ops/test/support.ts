import { ensureMysql } from '@cotton/setup';
import mysql, { type Connection } from 'mysql2/promise';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Admin,
  type DataDirectory,
  ensureAccounts,
  type MysqlInstallation,
  MysqlServer,
  openForWrites,
  openMysqlTree,
  type Owner,
  planMemory,
  position,
  prepareDataDirectory,
  type ReplicationSource,
  type ServerOptions,
} from '../src/index.ts';

export const LIMIT = { deadlineMs: 15_000 };
export const CLUSTER = 'c0ffee00-0000-4000-8000-000000000001';
export const REPLICATION = { user: 'cotton_repl_1', password: `a'b"c\\d;e` };
export const APP = { user: 'app', password: 'app' };

export async function openInstallation(): Promise<MysqlInstallation> {
  return openMysqlTree((await ensureMysql(() => undefined)).root);
}

/** A folder of the test's own under the system's temporary one, which others may enter. */
export async function makeRoom(): Promise<string> {
  const room = await mkdtemp(join(tmpdir(), 'cotton-mysql-ops-'));
  await chmod(room, 0o755);
  return room;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

export interface InstanceOptions {
  volume?: string;
  owner?: Owner;
  overlays?: string[];
  taskMb?: number;
  diskMb?: number;
}

/** One MySQL on a volume of its own, driven through the package's public verbs. */
export class Instance {
  readonly name: string;
  readonly options: ServerOptions;
  server: MysqlServer;
  admin: Admin;

  private constructor(name: string, options: ServerOptions, server: MysqlServer, admin: Admin) {
    this.name = name;
    this.options = options;
    this.server = server;
    this.admin = admin;
  }

  static async boot(room: string, serverId: number, options: InstanceOptions = {}): Promise<Instance> {
    const name = `demo-${serverId}`;
    const volume = options.volume ?? join(room, name);
    await mkdir(volume, { recursive: true });
    const installation = await openInstallation();
    const data = await Instance.prepare(volume, name, installation, options.owner);
    const settings = {
      serverId,
      bindAddress: '127.0.0.1',
      port: await freePort(),
      bootAckCount: 1,
      memory: planMemory({ taskMb: options.taskMb ?? 512 }),
      diskMb: options.diskMb ?? 2048,
      overlays: options.overlays,
    };
    const server = await MysqlServer.start({ installation, data, settings });
    return new Instance(name, server.options, server, await server.waitUntilServing());
  }

  static prepare(
    volume: string,
    instance: string,
    installation: MysqlInstallation,
    owner?: Owner,
  ): Promise<DataDirectory> {
    return prepareDataDirectory({ volume, installation, identity: { clusterUid: CLUSTER, instance }, owner });
  }

  get port(): number {
    return this.options.settings.port;
  }

  /** kill -9, then the next incarnation on the same volume. */
  async restart(): Promise<void> {
    await this.server.kill();
    const { volume, owner } = this.options.data;
    const data = await Instance.prepare(volume, this.name, this.options.installation, owner);
    this.server = await MysqlServer.start({ ...this.options, data });
    this.admin = await this.server.waitUntilServing();
  }

  async asSource(): Promise<ReplicationSource> {
    const { serverUuid } = await position(this.admin, LIMIT);
    return { host: '127.0.0.1', port: this.port, ...REPLICATION, serverUuid };
  }

  /** Opens it with no acknowledgements to wait for and makes the accounts. */
  async becomeFirstPrimary(): Promise<void> {
    await openForWrites(this.admin, { ackCount: 0, stillWanted: () => true }, LIMIT);
    await ensureAccounts(this.admin, { ...APP, replicationAccounts: [REPLICATION] }, LIMIT);
  }

  connect(account: { user: string; password: string } = APP): Promise<Connection> {
    return mysql.createConnection({ host: '127.0.0.1', port: this.port, ...account });
  }

  /** Runs statements as the cluster's user. */
  async asUser<T>(work: (connection: Connection) => Promise<T>, account = APP): Promise<T> {
    const connection = await this.connect(account);
    try {
      return await work(connection);
    } finally {
      connection.destroy();
    }
  }
}

export async function cleanUp(room: string, instances: Instance[]): Promise<void> {
  await Promise.all(instances.map((instance) => instance.server.kill()));
  await rm(room, { recursive: true, force: true });
}
