/** Discovery as an application uses it: watched all the time, and the last answer trusted while ZooKeeper is away. */
import { watchDiscovery } from '@cotton/coordination';
import { parseZkUrl, ZooKeeper } from '@cotton/zookeeper';

export interface Place {
  host: string;
  port: number;
}

const SESSION_MS = 6_000;
const CONNECT_LIMIT_MS = 30_000;

export class Signpost {
  readonly #zookeeper: ZooKeeper;
  readonly #stopWatching: () => void;
  readonly #listeners = new Set<() => void>();
  #primary: Place | undefined;

  static async open(clusterUrl: string): Promise<Signpost> {
    const { path, ...location } = parseZkUrl(clusterUrl);
    const zookeeper = await ZooKeeper.connect({
      ...location,
      sessionTimeoutMs: SESSION_MS,
      deadlineMs: CONNECT_LIMIT_MS,
    });
    return new Signpost(zookeeper, path);
  }

  private constructor(zookeeper: ZooKeeper, path: string) {
    this.#zookeeper = zookeeper;
    this.#stopWatching = watchDiscovery(zookeeper, path, (endpoints) => {
      this.#primary = endpoints?.primary;
      for (const listener of this.#listeners) listener();
    });
  }

  get primary(): Place | undefined {
    return this.#primary;
  }

  /** Called on every change. Returns the way to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#stopWatching();
    await this.#zookeeper.close();
  }
}
