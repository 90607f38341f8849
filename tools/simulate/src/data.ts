import type { Counts } from './counts.ts';

/** A transaction. `id` is what it does: two of the same source and number must be the same. */
export interface Transaction {
  source: number;
  n: number;
  id: number;
  /** It makes the accounts that members replicate with. */
  makesAccounts?: boolean;
}

/** A data directory: what of MySQL outlives its process. The binary log is synced, the relay log only written. */
export class DataDirectory {
  /** Server UUID. */
  readonly source: number;
  /** What was applied or committed, waiting for acknowledgements or not: ids by source. */
  holds: number[][] = [];
  binlog: Transaction[] = [];
  /** What the binary log no longer has. */
  purged: Counts = [];
  /** Received and not yet applied. */
  relay: Transaction[] = [];
  /** Instance it was last told to follow. */
  channel: string | null = null;
  hasAccounts = false;
  /** How many of its own transactions a tenant's FLUSH made. */
  locals = 0;
  /** A rebuild was begun and not ended. */
  isTorn = false;

  constructor(source: number) {
    this.source = source;
  }

  countOf(source: number): number {
    return this.holds[source]?.length ?? 0;
  }

  /** Everything on disk, applied or received. */
  all(): number[] {
    const counts = this.applied();
    for (const { source, n } of this.relay) counts[source] = Math.max(counts[source] ?? 0, n);
    return counts;
  }

  applied(): number[] {
    const counts: number[] = [];
    for (let source = 0; source < this.holds.length; source++) counts[source] = this.countOf(source);
    return counts;
  }

  received(): number[] {
    const counts: number[] = [];
    for (const { source, n } of this.relay) counts[source] = Math.max(counts[source] ?? 0, n);
    return counts;
  }

  has(source: number, n: number): boolean {
    if (this.countOf(source) >= n) return true;
    return this.relay.some((t) => t.source === source && t.n >= n);
  }

  /** @throws on a gap, which replication in order never makes */
  append(transaction: Transaction): void {
    const { source, n, id } = transaction;
    const held = (this.holds[source] ??= []);
    if (held.length >= n) return;
    if (held.length !== n - 1) throw new Error(`a gap: ${source}:${n} after ${held.length}`);
    held.push(id);
    if (transaction.makesAccounts) this.hasAccounts = true;
    this.binlog.push(transaction);
  }
}
