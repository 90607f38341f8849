/** A replica's receiver and applier, and the connection that a source dumps its binary log into. */
import { covers } from './counts.ts';
import type { Transaction } from './data.ts';
import type { Mysqld } from './mysqld.ts';

const RETRY_MS = 1_000;
/** Of silence, after which a receiver gives its connection up. */
const NET_TIMEOUT_MS = 5_000;

export type ReceiverState = 'connecting' | 'running' | 'stopped';

/** A receiver thread, from its start to its stop. Whether it acknowledges is settled at its start [X4]. */
export class Receiver {
  readonly replica: Mysqld;
  readonly source: string;
  readonly acknowledges: boolean;
  state: ReceiverState = 'connecting';
  error: string | null = null;
  #connection: Connection | null = null;

  constructor(replica: Mysqld, source: string) {
    this.replica = replica;
    this.source = source;
    this.acknowledges = replica.replicaSemiSync;
    this.#connectAfter(replica.world.random.between(1, 5));
  }

  /** Server UUID of the other side. */
  get connectedTo(): number | undefined {
    return this.state === 'running' ? this.#connection?.source.data.source : undefined;
  }

  #connectAfter(delayMs: number): void {
    this.replica.after(delayMs, () => this.#connect());
  }

  #connect(): void {
    const { replica } = this;
    if (this.state !== 'connecting' || replica.receiver !== this) return;
    const source = replica.world.mysqldOf(this.source);
    if (!source || !replica.world.network.reaches(replica.host, source.host) || !admits(source, replica))
      return this.#connectAfter(RETRY_MS);
    const held = replica.data.all();
    const ahead = (held[source.data.source] ?? 0) > source.data.countOf(source.data.source);
    if (ahead || !covers(held, source.data.purged)) {
      this.state = 'stopped';
      this.error = ahead ? 'has more of the source than the source' : 'what it lacks was purged';
      return;
    }
    this.state = 'running';
    this.#connection = new Connection(source, this);
    this.#connection.pump();
  }

  /** The connection broke. */
  lost(): void {
    this.#connection = null;
    if (this.state !== 'running') return;
    this.state = 'connecting';
    this.#connectAfter(this.replica.world.random.between(1, RETRY_MS));
  }

  stop(): void {
    this.state = 'stopped';
    if (this.replica.receiver === this) this.replica.receiver = null;
    this.#connection?.close();
  }

  /** The network reset it. */
  reset(): void {
    this.#connection?.close();
  }

  receive(transactions: readonly Transaction[]): void {
    const { data } = this.replica;
    for (const transaction of transactions)
      if (!data.has(transaction.source, transaction.n)) data.relay.push(transaction);
    this.apply();
  }

  apply(): void {
    applyRelay(this.replica);
  }
}

/** Frozen while source semi-sync is on [X6]. */
export function applyRelay(replica: Mysqld): void {
  const { data, world } = replica;
  if (!replica.applierRuns || replica.isApplying || replica.semiSync.enabled || data.relay.length === 0)
    return;
  if (replica.disk.isDead) return replica.after(100, () => applyRelay(replica));
  replica.isApplying = true;
  const delayMs = replica.appliesSlowly ? world.random.between(50, 600) : world.random.between(0.3, 3);
  replica.after(delayMs, () => {
    replica.isApplying = false;
    if (!replica.applierRuns || replica.semiSync.enabled) return;
    const many = replica.appliesSlowly ? 1 : 1 + world.random.below(data.relay.length);
    for (const transaction of data.relay.splice(0, many)) data.append(transaction);
    for (const dump of replica.dumps) dump.pump();
    applyRelay(replica);
  });
}

function admits(source: Mysqld, replica: Mysqld): boolean {
  return source.alive && !source.frozen && source.data.hasAccounts && !source.locked.has(replica.serverId);
}

export class Connection {
  readonly source: Mysqld;
  readonly id: number;
  readonly #receiver: Receiver;
  #cursor = 0;
  #isSending = false;
  #isOpen = true;

  constructor(source: Mysqld, receiver: Receiver) {
    this.source = source;
    this.#receiver = receiver;
    this.id = source.world.newId();
    source.dumps.add(this);
  }

  get serverId(): number {
    return this.#receiver.replica.serverId;
  }

  /** Sends what the replica does not have, in the order of the binary log. */
  pump(): void {
    const { source } = this;
    const { replica } = this.#receiver;
    if (!this.#isOpen || this.#isSending || !source.alive) return;
    const { binlog } = source.data;
    let from = this.#cursor;
    for (let t = binlog[from]; t && replica.data.has(t.source, t.n); t = binlog[++from]);
    this.#cursor = from;
    if (from >= binlog.length) return;
    const upTo = from + 1 + source.world.random.below(binlog.length - from);
    const batch = binlog.slice(from, upTo);
    this.#isSending = true;
    this.#giveUpWhenSilent(from);
    source.world.network.send(source.host, replica.host, () =>
      replica.do(() => {
        this.#isSending = false;
        this.#arrived(batch, upTo);
      }),
    );
  }

  #arrived(batch: readonly Transaction[], position: number): void {
    const { source } = this;
    const { replica } = this.#receiver;
    if (!this.#isOpen) return;
    if (replica.disk.isDead) return replica.after(50, () => this.#arrived(batch, position));
    this.#cursor = position;
    this.#receiver.receive(batch);
    source.world.hook('receive', replica.instance);
    if (
      this.#receiver.acknowledges &&
      this.#isOpen &&
      replica.alive &&
      !source.world.losesAck(replica.instance)
    )
      source.world.network.send(replica.host, source.host, () =>
        source.do(() => source.acknowledge(replica.serverId, position)),
      );
    this.pump();
  }

  #giveUpWhenSilent(cursor: number): void {
    this.#receiver.replica.after(NET_TIMEOUT_MS, () => {
      if (this.#isOpen && this.#isSending && this.#cursor === cursor) this.close();
    });
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.source.dumps.delete(this);
    this.#receiver.lost();
  }
}
