import { joinPath, parseZkUrl, ZooKeeper, type ZkUrl } from '@cotton/zookeeper';
import { MesosError } from '../error.ts';
import { Backoff } from '../transport/backoff.ts';
import { after, sleep } from '../transport/time.ts';
import { originOfMasterInfo, type Origin } from './address.ts';
import type { MasterFinder } from './finder.ts';
import { leaderAmong } from './leader.ts';

export interface ZooKeeperFinderOptions {
  /** Default 10 s, as the masters' own. */
  sessionTimeoutMs?: number;
  /** Fields never hold credentials. */
  log?: (message: string, fields: Record<string, unknown>) => void;
}

const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 5000;

/**
 * Follows the leader among the `json.info_*` nodes of a `zk://…` URL. ZooKeeper being away changes
 * nothing that was known: the leader may well be alive.
 */
export class ZooKeeperMasterFinder implements MasterFinder {
  readonly #url: ZkUrl;
  readonly #options: Required<ZooKeeperFinderOptions>;
  readonly #watchers = new Set<(leader: Origin | undefined) => void>();
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #zookeeper: ZooKeeper | undefined;
  #leader: Origin | undefined;
  /** Counts looks at the children: the answer to an older one is out of date. */
  #look = 0;

  constructor(url: string, options: ZooKeeperFinderOptions) {
    this.#url = parseUrl(url);
    this.#options = { sessionTimeoutMs: 10_000, log: () => {}, ...options };
    this.#running = this.#start();
  }

  watch(onLeader: (leader: Origin | undefined) => void): () => void {
    this.#watchers.add(onLeader);
    onLeader(this.#leader);
    return () => this.#watchers.delete(onLeader);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#watchers.clear();
    await this.#running;
    await this.#zookeeper?.close();
  }

  async #start(): Promise<void> {
    const zookeeper = await this.#connect();
    if (!zookeeper) return;
    this.#zookeeper = zookeeper;
    zookeeper.watchChildren(this.#url.path, (names) => void this.#follow(zookeeper, names ?? []));
  }

  async #connect(): Promise<ZooKeeper | undefined> {
    const { signal } = this.#closing;
    const { sessionTimeoutMs, log } = this.#options;
    const { servers, auth } = this.#url;
    const backoff = new Backoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS, random: Math.random });
    while (!signal.aborted) {
      try {
        return await ZooKeeper.connect({ servers, sessionTimeoutMs, log, ...(auth && { auth }) });
      } catch (error) {
        log('mesos: no ZooKeeper to find the master with, trying again', { servers, error: String(error) });
        await sleep(backoff.nextMs(), after, signal);
      }
    }
    return undefined;
  }

  async #follow(zookeeper: ZooKeeper, names: string[]): Promise<void> {
    const look = ++this.#look;
    const name = leaderAmong(names);
    try {
      const node = name === undefined ? undefined : await zookeeper.get(joinPath(this.#url.path, name));
      // Gone since we looked: whoever leads now stands in the children that the next look brings.
      if (name !== undefined && !node) return;
      const leader = node && originOfMasterInfo(node.data.toString('utf8'));
      if (look === this.#look) this.#announce(leader);
    } catch (error) {
      // A lost connection: with the next one, watchChildren reads again if the children changed;
      // they may not have, so look again by ourselves.
      this.#options.log('mesos: cannot read the leading master', { node: name, error: String(error) });
      await sleep(RETRY_FIRST_MS, after, this.#closing.signal);
      if (look === this.#look && !this.#closing.signal.aborted) await this.#follow(zookeeper, names);
    }
  }

  #announce(leader: Origin | undefined): void {
    if (leader === this.#leader || this.#closing.signal.aborted) return;
    this.#leader = leader;
    for (const onLeader of this.#watchers) onLeader(leader);
  }
}

function parseUrl(url: string): ZkUrl {
  try {
    return parseZkUrl(url);
  } catch (cause) {
    throw new MesosError('option', (cause as Error).message, { cause });
  }
}
