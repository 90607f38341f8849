import { ANY_VERSION, isZooKeeperError, joinPath, type Op, type ZooKeeper } from '@cotton/zookeeper';
import { CoordinationError } from './errors.ts';
import { electionPath } from './layout.ts';

/** Where a scheduler's API is, so that a standby knows whom to send its callers to. */
export interface Candidate {
  host: string;
  port: number;
  url: string;
}

export interface ElectionEvents {
  onElected(): void;
  /** At once when our own clock says that the session is lost: another may lead from now on. */
  onLost(reason: string): void;
  /** The leader changed (possibly to ourselves, or to nobody). */
  onLeader?(leader: Candidate | undefined): void;
}

const CANDIDATE_PREFIX = 'scheduler_';
const RETRY_MS = 500;
/** Written by `create`, never changed after. */
const CANDIDATE_VERSION = 0;

/**
 * Each candidate has an ephemeral sequential node; the smallest number leads. Candidates are few, so all of them
 * watch the list: the same watch tells who leads and whether that is us.
 */
export class LeaderElection {
  readonly #zookeeper: ZooKeeper;
  readonly #path: string;
  readonly #candidate: Candidate;
  readonly #events: ElectionEvents;
  readonly #stops: (() => void)[] = [];
  #names: string[] = [];
  #own: string | undefined;
  #ownListed = false;
  #leading = false;
  #joining = false;
  #resigned = false;
  #retry: NodeJS.Timeout | undefined;
  #leader: { name: string; candidate: Candidate | undefined; stop: () => void } | undefined;

  constructor(zookeeper: ZooKeeper, root: string, candidate: Candidate, events: ElectionEvents) {
    this.#zookeeper = zookeeper;
    this.#path = electionPath(root);
    this.#candidate = candidate;
    this.#events = events;
  }

  /** Joins, and joins again after a lost session, until `resign`. */
  async start(): Promise<void> {
    await this.#zookeeper.ensure(this.#path);
    this.#stops.push(this.#zookeeper.onState((state) => this.#onState(state)));
    this.#stops.push(this.#zookeeper.watchChildren(this.#path, (names) => this.#onNames(names)));
    await this.#join();
  }

  get isLeader(): boolean {
    return this.#leading && this.#zookeeper.state !== 'lost';
  }

  /** Who leads as far as we know; undefined when nobody does, or we did and lost it. */
  leader(): Candidate | undefined {
    if (!this.#leader || (this.#leader.name === this.#own) !== this.isLeader) return undefined;
    const { candidate } = this.#leader;
    // The node of our own former session, or of the process before us, may outlive it by a session timeout.
    return candidate?.url === this.#candidate.url && !this.isLeader ? undefined : candidate;
  }

  /**
   * Goes first in every `multi` that only the leader may do: once our node is gone the whole write is refused,
   * however late this process wakes up. @throws CoordinationError('not_leader')
   */
  fence(): Op {
    if (!this.isLeader || this.#own === undefined) {
      throw new CoordinationError('not_leader', 'This scheduler does not lead');
    }
    return { op: 'check', path: joinPath(this.#path, this.#own), version: CANDIDATE_VERSION };
  }

  /** Stands down for good. */
  async resign(): Promise<void> {
    this.#resigned = true;
    clearTimeout(this.#retry);
    for (const stop of this.#stops) stop();
    this.#leader?.stop();
    const own = this.#own;
    this.#own = undefined;
    this.#standDown('resigned');
    try {
      if (own !== undefined) await this.#zookeeper.remove(joinPath(this.#path, own));
    } catch (error) {
      // Else it vanishes with the session.
      if (!isZooKeeperError(error)) throw error;
    }
  }

  #onState(state: string): void {
    if (state === 'lost' || state === 'closed') {
      this.#own = undefined;
      this.#standDown('the ZooKeeper session was lost');
    } else if (state === 'connected') void this.#join();
  }

  async #join(): Promise<void> {
    if (this.#joining || this.#resigned || this.#own !== undefined) return;
    this.#joining = true;
    try {
      const path = (await this.#leftBehind()) ?? (await this.#create());
      const isOurs = await this.#isOfThisSession(path);
      if (isOurs && !this.#resigned && this.#zookeeper.state !== 'lost') this.#joined(path);
    } catch (error) {
      if (!isZooKeeperError(error)) throw error;
    } finally {
      this.#joining = false;
    }
    if (this.#own === undefined && !this.#resigned && this.#zookeeper.state !== 'closed') {
      this.#retry = setTimeout(() => void this.#join(), RETRY_MS);
    }
  }

  /**
   * What an attempt made whose answer was lost, or came when it had been given up. It lives as long as the session:
   * with a second one beside it nobody would lead once it is the smallest.
   */
  async #leftBehind(): Promise<string | undefined> {
    // A write goes through the leader: once it is answered, this server has applied all that was sent before.
    await this.#zookeeper.multi([{ op: 'check', path: this.#path, version: ANY_VERSION }]);
    for (const name of candidatesAmong(await this.#zookeeper.children(this.#path))) {
      const path = joinPath(this.#path, name);
      if (await this.#isOfThisSession(path)) return path;
    }
    return undefined;
  }

  async #create(): Promise<string> {
    const data = Buffer.from(JSON.stringify(this.#candidate));
    const kind = { ephemeral: true, sequential: true };
    return this.#zookeeper.create(joinPath(this.#path, CANDIDATE_PREFIX), data, kind);
  }

  async #isOfThisSession(path: string): Promise<boolean> {
    const node = await this.#zookeeper.get(path);
    return node?.ephemeralOwner === this.#zookeeper.sessionId;
  }

  #joined(path: string): void {
    this.#own = path.slice(this.#path.length + 1);
    this.#ownListed = false;
    this.#decide();
  }

  #onNames(names: string[] | undefined): void {
    this.#names = candidatesAmong(names);
    this.#followLeader(this.#names[0]);
    this.#decide();
  }

  #decide(): void {
    if (this.#own === undefined) return;
    if (this.#names.includes(this.#own)) this.#ownListed = true;
    else if (this.#ownListed) return this.#removedByOthers();
    if (this.#leading || this.#names[0] !== this.#own || this.#zookeeper.state === 'lost') return;
    this.#leading = true;
    this.#events.onElected();
    this.#events.onLeader?.(this.leader());
  }

  #removedByOthers(): void {
    this.#own = undefined;
    this.#standDown('our election node was removed');
    void this.#join();
  }

  #standDown(reason: string): void {
    if (!this.#leading) return;
    this.#leading = false;
    this.#events.onLost(reason);
    this.#events.onLeader?.(undefined);
  }

  #followLeader(name: string | undefined): void {
    if (this.#leader?.name === name) return;
    this.#leader?.stop();
    this.#leader = undefined;
    if (name === undefined) return this.#events.onLeader?.(undefined);
    const following = { name, candidate: undefined as Candidate | undefined, stop: () => {} };
    this.#leader = following;
    following.stop = this.#zookeeper.watch(joinPath(this.#path, name), (node) => {
      following.candidate = node && parseCandidate(node.data);
      this.#events.onLeader?.(this.leader());
    });
  }
}

function candidatesAmong(names: string[] = []): string[] {
  return names.filter((name) => name.startsWith(CANDIDATE_PREFIX)).sort(bySequence);
}

/** A name ends in ten digits that ZooKeeper counts up; what stands before them is random. */
function bySequence(left: string, right: string): number {
  return Number(left.slice(-10)) - Number(right.slice(-10));
}

function parseCandidate(data: Buffer): Candidate | undefined {
  try {
    const { host, port, url } = JSON.parse(data.toString()) as Candidate;
    return typeof host === 'string' && typeof port === 'number' && typeof url === 'string'
      ? { host, port, url }
      : undefined;
  } catch {
    return undefined;
  }
}
