/** A ClusterService in memory, for the tests of the HTTP side. */
import { DEFAULT_DURABILITY, newClusterRecord, resizeCluster, sameClusterName, viewOf } from '@cotton/core';
import type {
  ClusterEntry,
  ClusterService,
  CreateInput,
  Outcome,
  SchedulerCounters,
} from '../cluster-service.ts';

export class FakeService implements ClusterService {
  isLeading = true;
  isReady = true;
  leader: string | undefined = undefined;
  oversized: string | null = null;
  /** Thrown by the next call that changes something. */
  failure: Error | undefined;
  /** The calls that changed, or asked to change, something. */
  readonly calls: unknown[] = [];
  readonly passwords = new Map<string, string>();
  readonly #entries: ClusterEntry[] = [];
  readonly #listeners = new Set<() => void>();

  leading = () => this.isLeading;
  leaderUrl = () => this.leader;
  ready = () => this.isReady;
  status = () => (this.isReady ? 'ready' : 'waits for the Mesos master');
  clusterUrl = (name: string) => `zk://127.0.0.1:2181/cotton/discover/${name}`;
  list = () => [...this.#entries];
  find = (name: string) => this.#entries.find(({ record }) => sameClusterName(record.name, name));
  standIn = () => true;

  async create(input: CreateInput): Promise<Outcome<{ entry: ClusterEntry; password: string }>> {
    this.#note({ create: input });
    if (!this.isReady) return { ok: false, refusal: 'not_ready' };
    const existing = this.find(input.name);
    if (existing && (!input.idempotencyKey || existing.record.requestKey !== input.idempotencyKey))
      return { ok: false, refusal: 'cluster_exists' };
    if (existing) return { ok: true, value: this.#created(existing) };
    const { name, nodes, size, user, password = 'generated' } = input;
    const record = newClusterRecord({
      uid: 'uid000000001',
      name,
      spec: { nodes, size, user, durability: DEFAULT_DURABILITY, promotion: {}, hold: false },
      sealedSecrets: 'SEALED',
      requestKey: input.idempotencyKey ?? null,
      nowMs: Date.UTC(2026, 0, 1) + this.#entries.length,
    });
    const entry = entryOf(record, this.oversized);
    this.#entries.push(entry);
    this.passwords.set(name.toLowerCase(), password);
    return { ok: true, value: this.#created(entry) };
  }

  async resize(name: string, nodes: number): Promise<Outcome<ClusterEntry>> {
    this.#note({ resize: name, nodes });
    const entry = this.find(name);
    if (!entry) return { ok: false, refusal: 'cluster_not_found' };
    entry.record = resizeCluster(entry.record, nodes);
    return { ok: true, value: entry };
  }

  async delete(name: string, password: string): Promise<Outcome<ClusterEntry>> {
    this.#note({ delete: name });
    const entry = this.find(name);
    if (!entry) return { ok: false, refusal: 'cluster_not_found' };
    if (!this.passwordMatches(name, password)) return { ok: false, refusal: 'wrong_password' };
    return { ok: true, value: entry };
  }

  async deleteUnasked(name: string): Promise<Outcome<ClusterEntry>> {
    this.#note({ deleteUnasked: name });
    const entry = this.find(name);
    return entry ? { ok: true, value: entry } : { ok: false, refusal: 'cluster_not_found' };
  }

  passwordMatches(name: string, password: string): boolean {
    return this.passwords.get(name.toLowerCase()) === password;
  }

  counters(): SchedulerCounters {
    return {
      tasks_lost: 1,
      tasks_finished: 2,
      tasks_failed: 3,
      tasks_killed: 4,
      tasks_launched: 5,
      resource_offers: 6,
      offers_incompatible_role: 7,
      offers_unused: 8,
      elections: 9,
    };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(): void {
    for (const listener of this.#listeners) listener();
  }

  #created(entry: ClusterEntry): { entry: ClusterEntry; password: string } {
    return { entry, password: this.passwords.get(entry.record.name.toLowerCase()) ?? '' };
  }

  #note(call: unknown): void {
    this.calls.push(call);
    if (this.failure) throw this.failure;
  }
}

function entryOf(record: ClusterEntry['record'], oversized: string | null): ClusterEntry {
  const seen = {
    nowMs: 0,
    nonce: '',
    statuses: new Map(),
    absenceCounts: false,
    memberSessionTimeoutMs: Infinity,
    replacementTimeoutMs: Infinity,
    electionTimeoutMs: Infinity,
  };
  return { record, view: viewOf(record, seen, new Map()), oversized };
}
