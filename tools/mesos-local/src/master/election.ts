import { leaderAmong, originOfMasterInfo } from '@cotton/mesos';
import { joinPath, parseZkUrl, ZooKeeper, type ZkUrl } from '@cotton/zookeeper';
import type { Leader } from '../leader-detector.ts';
import { masterNode, ownPath } from './zk-paths.ts';

const CONNECT_DEADLINE_MS = 60_000;

export interface Candidacy {
  /** `zk://host:port/mesos`. */
  zk: string;
  sessionTimeoutMs: number;
  /** This master's MasterInfo. */
  info: object;
}

export interface ElectionEvents {
  /** This master is the leader from now on. */
  elected(): void;
  /** Another master leads, or nobody that we know of. */
  follows(leader: Leader | undefined): void;
  /** It was the leader and is not any more: the process must end. */
  deposed(): void;
}

/**
 * A master's candidacy in ZooKeeper, as Mesos does it: an ephemeral `json.info_<ten digits>` with its
 * MasterInfo; the smallest number leads. A master that stops leaves its session to expire, so the
 * others take its session timeout to notice.
 */
export class Election {
  readonly #zookeeper: ZooKeeper;
  readonly #url: ZkUrl;
  readonly #info: object;
  readonly #events: ElectionEvents;
  #node: string | undefined;
  #leads = false;
  #sessionId = '';

  private constructor(zookeeper: ZooKeeper, url: ZkUrl, info: object, events: ElectionEvents) {
    this.#zookeeper = zookeeper;
    this.#url = url;
    this.#info = info;
    this.#events = events;
  }

  static async start({ zk, sessionTimeoutMs, info }: Candidacy, events: ElectionEvents): Promise<Election> {
    const url = parseZkUrl(zk);
    const { servers, auth } = url;
    const zookeeper = await ZooKeeper.connect({
      servers,
      sessionTimeoutMs,
      deadlineMs: CONNECT_DEADLINE_MS,
      ...(auth && { auth }),
    });
    const election = new Election(zookeeper, url, info, events);
    await election.#enter();
    zookeeper.onState((state) => election.#onState(state));
    zookeeper.watchChildren(url.path, (names) => void election.#look(names ?? []));
    return election;
  }

  get zookeeper(): ZooKeeper {
    return this.#zookeeper;
  }

  get path(): string {
    return this.#url.path;
  }

  /** Every candidacy gets a higher number than all before, also those that are gone: the version of a node counts. */
  async #enter(): Promise<void> {
    const counter = ownPath(this.#url.path, 'sequence');
    await this.#zookeeper.ensure(counter);
    await this.#zookeeper.ensure(joinPath(this.#url.path, 'log_replicas'));
    const sequence = (await this.#zookeeper.set(counter, Buffer.alloc(0))) - 1;
    this.#sessionId = this.#zookeeper.sessionId;
    const data = Buffer.from(JSON.stringify(this.#info));
    this.#node = masterNode(sequence);
    await this.#zookeeper.create(joinPath(this.#url.path, this.#node), data, { ephemeral: true });
    const replica = joinPath(this.#url.path, 'log_replicas', String(sequence).padStart(10, '0'));
    await this.#zookeeper.create(replica, Buffer.alloc(0), { ephemeral: true });
  }

  #onState(state: string): void {
    if (state === 'lost') {
      this.#node = undefined;
      if (this.#leads) this.#events.deposed();
      else this.#events.follows(undefined);
    }
    if (state === 'connected' && this.#zookeeper.sessionId !== this.#sessionId) void this.#enter();
  }

  async #look(names: string[]): Promise<void> {
    const name = leaderAmong(names);
    if (name === undefined) return this.#events.follows(undefined);
    if (name === this.#node) {
      if (!this.#leads) this.#events.elected();
      this.#leads = true;
      return;
    }
    if (this.#leads) return this.#events.deposed();
    const node = await this.#zookeeper.get(joinPath(this.#url.path, name));
    const origin = node && new URL(originOfMasterInfo(node.data.toString('utf8')));
    if (!this.#leads) this.#events.follows(origin && { host: origin.hostname, port: Number(origin.port) });
  }
}
