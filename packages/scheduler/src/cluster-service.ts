/** What the HTTP side asks of the scheduler's engine. Everything it shows comes through here. */
import type { ClusterRecord, ClusterSize, ClusterView } from '@cotton/core';

export interface ClusterEntry {
  record: ClusterRecord;
  view: ClusterView;
  /** Why no agent that we have seen could ever hold one instance, or null. */
  oversized: string | null;
}

export interface CreateInput {
  name: string;
  nodes: number;
  size: ClusterSize;
  user: string;
  /** Generated when undefined. */
  password: string | undefined;
  /** Repeating a request with the same key returns what the first one made. */
  idempotencyKey: string | undefined;
}

/** Expected refusals, as values: the HTTP side maps them to problem+json. */
export type Refusal =
  'not_ready' | 'cluster_exists' | 'cluster_not_found' | 'cluster_deleting' | 'wrong_password';

export type Outcome<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

/** Counters since this scheduler started, under the original's names where it had them. */
export interface SchedulerCounters {
  tasks_lost: number;
  tasks_finished: number;
  tasks_failed: number;
  tasks_killed: number;
  tasks_launched: number;
  resource_offers: number;
  offers_incompatible_role: number;
  offers_unused: number;
  elections: number;
}

export interface ClusterService {
  /** Only the leader serves clusters; a standby redirects to `leaderUrl()`. */
  leading(): boolean;
  /** The leader's own base URL (`http://host:port`), or undefined while there is none. */
  leaderUrl(): string | undefined;
  /** Subscribed with the Mesos master and state loaded. */
  ready(): boolean;
  /** Why it is not ready, for people. */
  status(): string;
  /** `zk://…/discover/<name>`, without credentials. */
  clusterUrl(name: string): string;
  list(): ClusterEntry[];
  /** Names are compared without case. */
  find(name: string): ClusterEntry | undefined;
  create(input: CreateInput): Promise<Outcome<{ entry: ClusterEntry; password: string }>>;
  resize(name: string, nodes: number): Promise<Outcome<ClusterEntry>>;
  delete(name: string, password: string): Promise<Outcome<ClusterEntry>>;
  /** For an administrator, who needs no password. */
  deleteUnasked(name: string): Promise<Outcome<ClusterEntry>>;
  counters(): SchedulerCounters;
  /** The master says that it is Cotton's local stand-in. */
  standIn(): boolean;
  /** Called after any visible change of any cluster, at most every 100 ms. */
  onChange(listener: () => void): () => void;
}
