/** ZooKeeper as its clients see it: one history of writes; sessions, watches and reads that come late. */
import type { ClusterRecord, Control, Discovery, Status } from '@cotton/core';
import type { Process } from './process.ts';
import type { World } from './world.ts';
import { ZOOKEEPER } from './network.ts';

export interface Stored {
  version: number;
  record: ClusterRecord;
  control: Control;
}

/** What a copy that is made then has. */
interface Kept extends Stored {
  atMs: number;
  statuses: Map<string, { status: Status; session: Session }>;
  leader: Session | null;
  discovery: Discovery;
}

/** Expiry is told up to so much later. */
const TICK_MS = 500;
const KEPT = 12;

export type SessionState = 'connecting' | 'connected' | 'suspect' | 'lost';

export class ZooKeeper {
  readonly #world: World;
  isUp = true;
  /** Everything that was ever written, newest last; bounded. */
  history: Kept[] = [];
  readonly statuses = new Map<string, { status: Status; session: Session }>();
  /** Session whose election node is first. */
  leader: Session | null = null;
  discovery: Discovery = { primary: null, replicas: [] };
  readonly clients = new Set<ZooKeeperClient>();
  readonly #candidates = new Map<Session, () => void>();

  constructor(world: World) {
    this.#world = world;
  }

  get stored(): Stored | undefined {
    return this.history.at(-1);
  }

  /** Record and control in one transaction that checks the leader's node and the version. */
  save(session: Session, record: ClusterRecord, control: Control, version: number | null): boolean {
    const isLeader = this.leader === session && session.isAlive;
    const current = this.stored?.version ?? null;
    const isFenced = !this.#world.has('late-write-of-a-deposed-scheduler');
    if (isFenced && (!isLeader || current !== version)) return false;
    const next = {
      ...{ version: (current ?? 0) + 1, record, control },
      ...{ atMs: this.#world.loop.nowMs, statuses: new Map(this.statuses) },
      ...{ leader: this.leader, discovery: this.discovery },
    };
    this.history.push(next);
    if (this.history.length > KEPT) this.history.shift();
    this.#world.oracle.persisted(next.record);
    this.controlChanged();
    return true;
  }

  controlChanged(): void {
    for (const client of this.clients) client.notifyControl();
  }

  setStatus(instance: string, status: Status, session: Session): void {
    this.statuses.set(instance, { status, session });
    this.#world.oracle.told(status);
    this.#world.note(() => `status of ${instance}: ${describe(status)}`);
    this.statusesChanged();
  }

  statusesChanged(): void {
    for (const client of this.clients) client.notifyStatuses();
  }

  expire(session: Session): void {
    if (!session.isAlive) return;
    session.isAlive = false;
    let isGone = false;
    for (const [instance, entry] of this.statuses)
      if (entry.session === session) {
        this.statuses.delete(instance);
        this.#world.oracle.fellSilent(instance);
        isGone = true;
      }
    if (isGone) this.statusesChanged();
    this.#candidates.delete(session);
    if (this.leader === session) this.#elect();
  }

  /** Stands for election; the first in line leads. */
  campaign(session: Session, onElected: () => void): void {
    this.#candidates.set(session, onElected);
    if (!this.leader?.isAlive) this.#elect();
  }

  #elect(): void {
    const [first] = this.#candidates;
    this.leader = first?.[0] ?? null;
    if (first) this.#world.loop.after(this.#world.watchDelayMs(), first[1]);
  }

  shutDown(): void {
    this.isUp = false;
    this.review();
  }

  /** @param isRestored from a copy some writes old */
  comeBack(isRestored: boolean): void {
    // A copy from before there was a primary is beyond recognition: another cluster would form.
    const copies = this.history.filter(({ record }) => record.primary?.data && record.formedAtMs !== null);
    if (isRestored && copies.length > 1) {
      const back = 1 + this.#world.random.below(Math.min(8, copies.length - 1));
      this.history.splice(this.history.length - back, back);
      this.discovery = this.history.at(-1)?.discovery ?? this.discovery;
      this.#restoreSessions();
      this.#world.oracle.restored(this.stored?.record);
    }
    this.isUp = true;
    this.review();
    this.controlChanged();
  }

  /**
   * A copy has sessions, and what hung on them then: those of processes that still have them go on, the others last
   * for one more timeout. Or it has none of today's, and all of them begin anew.
   */
  #restoreSessions(): void {
    const copy = this.history.at(-1);
    const isKept = copy?.leader === this.leader && this.leader?.isAlive && this.#world.random.chance(0.6);
    const isKnown = (session: Session): boolean => session.bornAtMs <= (copy?.atMs ?? 0);
    for (const { session } of this.clients)
      if (session && !(isKept && isKnown(session))) this.expire(session);
    if (!copy || !isKept) return;
    for (const [instance, { status, session }] of copy.statuses) {
      const holder = session.isAlive ? session : this.#revived(session);
      this.statuses.set(instance, { status, session: holder });
    }
  }

  #revived({ bornAtMs }: Session): Session {
    const session = { isAlive: true, id: this.#world.newId(), bornAtMs };
    this.#world.loop.after(this.#world.sessionTimeoutMs, () => this.expire(session));
    return session;
  }

  /** Who reaches it may have changed. */
  review(): void {
    for (const client of [...this.clients]) client.review();
  }

  /** A silent client's session ends some time after its timeout, while ZooKeeper itself is up. */
  watchOver(client: ZooKeeperClient): void {
    const { session } = client;
    if (!session) return;
    const silentSince = client.silentSinceMs;
    this.#world.loop.after(this.#world.sessionTimeoutMs + this.#world.random.between(0, TICK_MS), () => {
      if (session.isAlive && this.isUp && client.session === session && client.silentSinceMs === silentSince)
        if (silentSince !== null) this.expire(session);
    });
  }
}

function describe({ epoch, mysqld, replication: r, acks, lead, position }: Status): string {
  const follows =
    r &&
    `follows ${r.source} e${r.epoch}${r.attached ? ' attached' : ''}${r.caughtUp ? ' caught up' : ''}${r.hears ? ' hears' : ''}`;
  const told = acks && `acks ${acks.generation} ${acks.on ? 'on' : 'off'}`;
  const leads =
    lead &&
    `leads k=${lead.ackCount} enforcing ${lead.enforcing} settled ${lead.settled} degrade ${lead.degrade}`;
  return [`e${epoch} ${mysqld}`, follows, told, leads, position && `reported e${position.epoch}`]
    .filter(Boolean)
    .join(', ');
}

export interface Session {
  isAlive: boolean;
  id: number;
  bornAtMs: number;
}

export interface ClientHandlers {
  /** A session began; what hung on an older one is gone. */
  onSession: () => void;
  /** A new connection, in the session there was. */
  onReconnect: () => void;
  onControl?: (control: Control | undefined) => void;
  /** `fresh`: those that changed on the present connection. */
  onStatuses?: (statuses: Map<string, Status>, fresh: Set<string>) => void;
}

/** One process' connection. Judged by its own clock, as packages/zookeeper does. */
export class ZooKeeperClient {
  readonly #world: World;
  readonly #process: Process;
  readonly #node: number;
  readonly #handlers: ClientHandlers;
  session: Session | null = null;
  /** Since when nothing came through; null while it does. */
  silentSinceMs: number | null;
  connectedSinceMs = Infinity;
  #isReachable = false;
  #isReadingControl = false;
  #isReadingStatuses = false;
  /** Newest version it has been shown: a session is never shown an older one. */
  #shown = 0;
  #isClosed = false;
  #lastArrivalMs = 0;
  /** Statuses as last read on the present connection, and which of them have changed, come or gone on it. */
  #lastRead: Map<string, object> | undefined;
  #changed = new Set<string>();

  constructor(world: World, process: Process, node: number, handlers: ClientHandlers) {
    this.#world = world;
    this.#process = process;
    this.#node = node;
    this.#handlers = handlers;
    this.silentSinceMs = world.loop.nowMs;
    world.zookeeper.clients.add(this);
    this.review();
  }

  get state(): SessionState {
    if (this.silentSinceMs === null) return 'connected';
    if (this.#world.loop.nowMs - this.silentSinceMs >= this.#world.sessionTimeoutMs) return 'lost';
    return this.session === null ? 'connecting' : 'suspect';
  }

  get connectedForMs(): number {
    return this.silentSinceMs === null ? this.#world.loop.nowMs - this.connectedSinceMs : 0;
  }

  get #canReach(): boolean {
    const { zookeeper, network } = this.#world;
    return (
      zookeeper.isUp && !this.#process.frozen && this.#process.alive && network.reaches(this.#node, ZOOKEEPER)
    );
  }

  review(): void {
    const canReach = this.#canReach;
    if (canReach === this.#isReachable || this.#isClosed) {
      // Back from an outage of its own, ZooKeeper grants every session its whole timeout anew.
      if (!canReach && this.#world.zookeeper.isUp && this.session) this.#world.zookeeper.watchOver(this);
      return;
    }
    this.#isReachable = canReach;
    if (canReach) {
      this.#process.after(this.#world.random.between(2, 200), () => this.#connect());
    } else {
      this.silentSinceMs ??= this.#world.loop.nowMs;
      this.connectedSinceMs = Infinity;
      this.#world.zookeeper.watchOver(this);
    }
  }

  #connect(): void {
    if (!this.#isReachable || this.silentSinceMs === null || this.#isClosed) return;
    const isKept = this.session?.isAlive === true && this.state !== 'lost';
    this.silentSinceMs = null;
    this.connectedSinceMs = this.#world.loop.nowMs;
    this.#lastRead = undefined;
    this.#changed = new Set();
    if (!isKept) {
      if (this.session?.isAlive) this.#world.orphan(this.session);
      this.session = { isAlive: true, id: this.#world.newId(), bornAtMs: this.#world.loop.nowMs };
      this.#shown = 0;
      this.#handlers.onSession();
    } else this.#handlers.onReconnect();
    this.notifyControl();
    this.notifyStatuses();
  }

  /** What was asked to be done is done, or not, and one may not hear which. */
  write(
    work: (session: Session) => void,
    answer: (isDone: boolean | undefined) => void = () => undefined,
  ): void {
    const { session } = this;
    const { network, random } = this.#world;
    const refuse = (): void => this.#process.after(random.between(5, 50), () => answer(undefined));
    if (!session || !this.#isReachable || this.silentSinceMs !== null) return refuse();
    // In the order in which they were sent.
    const { loop } = this.#world;
    this.#lastArrivalMs = Math.max(
      this.#lastArrivalMs,
      loop.nowMs + network.delayMs() + random.between(0.5, 4),
    );
    loop.after(this.#lastArrivalMs - loop.nowMs, () => {
      if (!this.#world.zookeeper.isUp || network.isCut(this.#node, ZOOKEEPER) || !session.isAlive)
        return refuse();
      work(session);
      this.#process.after(network.delayMs(), () => answer(this.#isReachable ? true : undefined));
    });
  }

  notifyControl(): void {
    const { onControl } = this.#handlers;
    if (!onControl || this.#isReadingControl) return;
    this.#isReadingControl = true;
    this.#process.after(this.#world.watchDelayMs(), () => {
      this.#isReadingControl = false;
      if (!this.#isReachable || this.silentSinceMs !== null) return;
      onControl(this.#read());
    });
  }

  /** From a server that may lag; never behind what this client was shown before. */
  #read(): Control | undefined {
    const { history } = this.#world.zookeeper;
    const newest = history.at(-1);
    if (!newest) return undefined;
    // The first server after a new session may be any that follows.
    const lagChance = this.#shown === 0 ? 0.4 : 0.05;
    const back =
      !this.#world.isQuiet && this.#world.random.chance(lagChance) ? 1 + this.#world.random.below(3) : 0;
    const lagging = history[history.length - 1 - back] ?? newest;
    if (back > 0) this.notifyControl();
    const stored = lagging.version < this.#shown ? newest : lagging;
    this.#shown = stored.version;
    return stored.control;
  }

  /** After a write of its own it is shown nothing that is older than that. */
  sync(): void {
    this.#shown = Math.max(this.#shown, this.#world.zookeeper.stored?.version ?? 0);
  }

  notifyStatuses(): void {
    const { onStatuses } = this.#handlers;
    if (!onStatuses || this.#isReadingStatuses) return;
    this.#isReadingStatuses = true;
    this.#process.after(this.#world.watchDelayMs(), () => {
      this.#isReadingStatuses = false;
      if (!this.#isReachable || this.silentSinceMs !== null) return;
      const entries = [...this.#world.zookeeper.statuses];
      const now = new Map<string, object>(entries);
      const before = this.#lastRead ?? now;
      for (const id of [...before.keys(), ...now.keys()])
        if (before.get(id) !== now.get(id)) this.#changed.add(id);
      this.#lastRead = now;
      onStatuses(new Map(entries.map(([id, { status }]) => [id, status])), new Set(this.#changed));
    });
  }

  /** The process is gone, or gives its session back. */
  close(isOrderly: boolean): void {
    this.#isClosed = true;
    this.#world.zookeeper.clients.delete(this);
    this.silentSinceMs ??= this.#world.loop.nowMs;
    this.#isReachable = false;
    const { session } = this;
    if (!session) return;
    if (isOrderly && this.#world.zookeeper.isUp) this.#world.zookeeper.expire(session);
    else this.#world.orphan(session);
  }
}
