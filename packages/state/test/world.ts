import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startZooKeeper } from '@cotton/setup';
import { type Op, ZooKeeper } from '@cotton/zookeeper';
import { LocalStore, type Store, type StoreCodecs, ZooKeeperStore } from '../src/index.ts';

export interface Installation {
  id: string;
}
export interface Cluster {
  name: string;
  filler?: string;
}

export const codecs: StoreCodecs<Installation, Cluster> = {
  installation: { encode: toJson, decode: (data) => JSON.parse(data.toString()) as Installation },
  cluster: {
    encode: toJson,
    decode: (data) => {
      const cluster = JSON.parse(data.toString()) as Cluster;
      if (typeof cluster.name !== 'string') throw new Error('has no name');
      return cluster;
    },
  },
};

function throwNotLeader(): never {
  throw new Error('not the leader');
}

function toJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** A real ZooKeeper, a root of its own for each test, and a stand-in for the election node that fences. */
export class World {
  readonly zookeeper: ZooKeeper;
  readonly #stopServer: () => Promise<void>;
  root = '/';
  directory = '';
  #count = 0;
  #open: Store<Installation, Cluster>[] = [];

  static async start(): Promise<World> {
    const server = await startZooKeeper({ tickTimeMs: 200 });
    const zookeeper = await ZooKeeper.connect({ servers: server.connect, sessionTimeoutMs: 4_000 });
    return new World(zookeeper, () => server.stop());
  }

  private constructor(zookeeper: ZooKeeper, stopServer: () => Promise<void>) {
    this.zookeeper = zookeeper;
    this.#stopServer = stopServer;
  }

  async fresh(): Promise<void> {
    this.#count += 1;
    this.root = `/cotton${this.#count}`;
    this.directory = await mkdtemp(join(tmpdir(), 'cotton-state-'));
    await this.zookeeper.ensure(`${this.root}/control`);
    await this.elect('leader-1');
  }

  async clean(): Promise<void> {
    for (const store of this.#open.splice(0)) await store.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  async stop(): Promise<void> {
    await this.zookeeper.close();
    await this.#stopServer();
  }

  async elect(name: string): Promise<void> {
    await this.zookeeper.ensure(`${this.root}/election/${name}`);
  }

  async depose(name: string): Promise<void> {
    await this.zookeeper.remove(`${this.root}/election/${name}`);
  }

  fence(name = 'leader-1'): () => Op {
    if (name === 'nobody') return () => throwNotLeader();
    return () => ({ op: 'check', path: `${this.root}/election/${name}`, version: 0 });
  }

  zookeeperStore(leader?: string): Promise<Store<Installation, Cluster>> {
    const { zookeeper, root } = this;
    return this.#keep(new ZooKeeperStore({ zookeeper, root, fence: this.fence(leader), codecs }));
  }

  async localStore(leader?: string): Promise<Store<Installation, Cluster>> {
    const { zookeeper, directory } = this;
    return this.#keep(await LocalStore.open({ directory, zookeeper, fence: this.fence(leader), codecs }));
  }

  async #keep(store: Store<Installation, Cluster>): Promise<Store<Installation, Cluster>> {
    this.#open.push(store);
    return store;
  }

  controlPath(uid: string): string {
    return `${this.root}/control/${uid}`;
  }

  controlOp(uid: string, text: string, version: number | null): Op {
    const path = this.controlPath(uid);
    const data = Buffer.from(text);
    return version === null ? { op: 'create', path, data } : { op: 'set', path, data, version };
  }

  async control(uid: string): Promise<string | undefined> {
    return (await this.zookeeper.get(this.controlPath(uid)))?.data.toString();
  }
}
