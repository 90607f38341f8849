import { startZooKeeper, type ZooKeeperServer } from '@cotton/setup';
import { ZooKeeper, type ZooKeeperOptions } from '@cotton/zookeeper';
import type { Codec } from '../src/index.ts';

export const SESSION_MS = 1_500;

/** One real server for a file, clients as needed, a root of its own for each test. */
export class World {
  readonly server: ZooKeeperServer;
  root = '/';
  readonly #clients: ZooKeeper[] = [];
  #count = 0;

  static async start(): Promise<World> {
    return new World(await startZooKeeper({ tickTimeMs: 100 }));
  }

  private constructor(server: ZooKeeperServer) {
    this.server = server;
  }

  fresh(): void {
    this.#count += 1;
    this.root = `/cotton${this.#count}`;
  }

  async client(options: Partial<ZooKeeperOptions> = {}): Promise<ZooKeeper> {
    const client = await ZooKeeper.connect({
      servers: this.server.connect,
      sessionTimeoutMs: SESSION_MS,
      deadlineMs: 10_000,
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  async closeClients(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.close()));
  }

  async stop(): Promise<void> {
    await this.closeClients();
    await this.server.stop();
  }
}

export const json: Codec<{ n: number }> = {
  encode: (document) => Buffer.from(JSON.stringify(document)),
  decode: (data) => {
    const document = JSON.parse(data.toString()) as { n: number };
    if (typeof document.n !== 'number') throw new Error('has no n');
    return document;
  },
};

/** A clock that a test can set forward: what a process sees that was stopped for a while. */
export class Clock {
  #aheadMs = 0;
  readonly now = (): number => performance.now() + this.#aheadMs;

  jump(ms: number): void {
    this.#aheadMs += ms;
  }
}
