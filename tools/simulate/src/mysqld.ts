/**
 * One life of one mysqld: commits, and semi-synchronous acknowledgements as MySQL 9.7 counts them. What was tried on
 * the real one is named [Xn] as in the design page.
 */
import { type Counts, formatCounts } from './counts.ts';
import type { DataDirectory, Transaction } from './data.ts';
import { Process } from './process.ts';
import type { Connection, Receiver } from './replication.ts';
import type { World } from './world.ts';

/** Answers whether the commit was acknowledged to whoever asked for it. */
type Answer = (ok: boolean) => void;

/** What commits: a client's write, a marker of ours, our accounts; local: a tenant's FLUSH, which no read-only refuses. */
export type Commit = 'client' | 'marker' | 'accounts' | 'local';

interface Waiter {
  transaction: Transaction;
  /** Position behind it in the binary log. */
  position: number;
  answer: Answer;
  isClient: boolean;
}

export interface MysqldNames {
  instance: string;
  host: number;
  serverId: number;
  incarnation: number;
  disk: { isDead: boolean };
}

export class Mysqld extends Process {
  readonly world: World;
  readonly data: DataDirectory;
  readonly instance: string;
  readonly host: number;
  readonly serverId: number;
  readonly incarnation: number;
  isReadOnly = true;
  /** Source semi-sync. */
  semiSync: { enabled: boolean; count: number };
  replicaSemiSync = false;
  /** The epoch it was opened in; the simulation's own note. */
  openedIn = 0;
  receiver: Receiver | null = null;
  applierRuns = false;
  isApplying = false;
  appliesSlowly = false;
  readonly dumps = new Set<Connection>();
  /** Server ids whose accounts are locked. */
  locked = new Set<number>();
  /** FLUSH TABLES WITH READ LOCK. */
  isLocked = false;
  readonly disk: { isDead: boolean };
  #stalled: (() => void)[] = [];
  #isClosing = false;
  #underWay = 0;
  #waiters: Waiter[] = [];
  /** Furthest position that each replica acknowledged; nobody's is forgotten when it leaves [X5]. */
  readonly #acknowledged = new Map<number, number>();

  constructor(world: World, data: DataDirectory, names: MysqldNames, bootAckCount: number) {
    super(world.loop, `mysqld of ${names.instance}`);
    this.instance = names.instance;
    this.host = names.host;
    this.serverId = names.serverId;
    this.incarnation = names.incarnation;
    this.disk = names.disk;
    this.world = world;
    this.data = data;
    this.semiSync = { enabled: true, count: bootAckCount };
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  /** Nothing commits. */
  get isStalled(): boolean {
    return this.isLocked || this.disk.isDead;
  }

  /** `gtid_executed`: without what waits for its acknowledgement [X1]. */
  executed(): Counts {
    const counts = this.data.applied();
    const first = this.#waiters[0]?.transaction;
    if (first) counts[first.source] = first.n - 1;
    return counts;
  }

  position(): { executed: string; received: string; purged: string } {
    const { data } = this;
    return {
      executed: formatCounts(this.executed()),
      received: formatCounts(data.received()),
      purged: formatCounts(data.purged),
    };
  }

  commit(kind: Commit, answer: Answer): void {
    if (this.#isClosing || this.isStalled) {
      this.#stalled.push(() => this.commit(kind, answer));
      return;
    }
    if (this.isReadOnly && kind !== 'local') return answer(false);
    this.#underWay++;
    this.after(this.world.random.between(0.2, 2), () => this.#flush(kind, answer));
  }

  /**
   * Whether it will wait is decided here, in the order of the binary log: what was flushed before semi-sync was on is
   * answered when it is synced, and nobody has to have it [X5; ReplSemiSyncMaster::commitTrx in semisync_source.cc].
   */
  #flush(kind: Commit, answer: Answer): void {
    if (this.isStalled) {
      this.#stalled.push(() => this.#flush(kind, answer));
      return;
    }
    const { source } = this.data;
    const n = this.data.countOf(source) + 1;
    const transaction = { source, n, id: this.world.newId(), makesAccounts: kind === 'accounts' };
    const isClient = kind === 'client';
    if (kind === 'local') this.data.locals++;
    this.data.append(transaction);
    const position = this.data.binlog.length;
    if (this.semiSync.enabled) this.#waiters.push({ transaction, position, answer, isClient });
    else this.after(this.world.random.between(0, 2), () => this.#done(transaction, answer, isClient));
    this.world.hook('flush', this.instance);
    for (const dump of this.dumps) dump.pump();
    this.#release();
  }

  #done(transaction: Transaction, answer: Answer, isClient: boolean): void {
    this.#underWay--;
    if (isClient) this.world.oracle.acknowledged(this, transaction);
    answer(true);
  }

  acknowledge(serverId: number, position: number): void {
    if ((this.#acknowledged.get(serverId) ?? 0) >= position) return;
    this.#acknowledged.set(serverId, position);
    this.#release();
  }

  #release(): void {
    for (let first = this.#waiters[0]; first && this.#isAcknowledged(first); first = this.#waiters[0]) {
      this.#waiters.shift();
      this.#done(first.transaction, first.answer, first.isClient);
    }
  }

  #isAcknowledged({ position }: Waiter): boolean {
    if (!this.semiSync.enabled) return true;
    let count = 0;
    for (const reached of this.#acknowledged.values()) if (reached >= position) count++;
    return count >= this.semiSync.count;
  }

  /** Off releases everybody who waits as OK [X11]. */
  setAckCount(count: number): void {
    this.semiSync = { enabled: count > 0, count: count > 0 ? count : this.semiSync.count };
    this.#release();
    this.receiver?.apply();
  }

  /** Ends the clients' sessions: their transactions go on waiting, but nobody is told [X1]. */
  endSessions(): void {
    for (const waiter of this.#waiters) waiter.isClient = false;
  }

  /** Asks for super_read_only; true once nothing is under way. Meanwhile others block behind it. */
  tryToClose(): boolean {
    this.#isClosing = true;
    if (this.#underWay > 0 || this.isStalled) return false;
    this.isReadOnly = true;
    this.endClosing();
    return true;
  }

  endClosing(): void {
    this.#isClosing = false;
    this.goOn();
  }

  /** What held commits up is over. */
  goOn(): void {
    for (const go of this.#stalled.splice(0)) this.after(0, go);
  }

  /** An orderly shutdown answers OK to whoever waits [X1, X4]. */
  terminate(): void {
    for (const { transaction, answer, isClient } of this.#waiters.splice(0))
      this.#done(transaction, answer, isClient);
    this.kill();
  }

  /** What waits is committed when it starts again [X7]: it is in the binary log. */
  override kill(): void {
    if (!this.alive) return;
    super.kill();
    this.receiver?.stop();
    for (const dump of [...this.dumps]) dump.close();
  }
}
