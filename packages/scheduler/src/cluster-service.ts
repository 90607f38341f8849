/** What the HTTP side asks of the scheduler's engine. Everything it shows comes through here. */
import type { ClusterRecord, ClusterSize, ClusterView, Durability, PromotionPreference } from '@cotton/core';
import type { EventFeed } from './event-feed.ts';

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
  /** What is left out has its default. */
  durability: Partial<Durability>;
  promotion: Record<string, PromotionPreference>;
}

/** What is left out stays as it is. */
export interface ChangeInput {
  nodes?: number;
  durability?: Partial<Durability>;
  promotion?: Record<string, PromotionPreference>;
}

export interface SwitchoverInput {
  to: string | undefined;
  deadlineMs: number;
  graceMs: number;
  /** Without asking the primary whether something is in the way, and also to a replica that is behind. */
  despiteObstacles: boolean;
  /** Only in this epoch. */
  epoch: number | undefined;
}

export interface FailoverInput {
  to: string | undefined;
  force: boolean;
  epoch: number | undefined;
}

/** An election or switchover that began, and the cluster then. */
export interface Started {
  id: string;
  entry: ClusterEntry;
}

/** Expected refusals, as values: the HTTP side maps them to problem+json. */
export type Refusal =
  | 'not_leading'
  | 'not_ready'
  | 'cluster_exists'
  | 'cluster_not_found'
  | 'cluster_deleting'
  | 'wrong_password'
  | 'member_not_found'
  | 'switchover_refused'
  | 'failover_refused'
  | 'epoch_passed';

/** `detail`: for people, where the refusal's name does not say all. */
export interface Refused {
  ok: false;
  refusal: Refusal;
  detail?: string;
}

export type Outcome<T> = { ok: true; value: T } | Refused;

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
  change(name: string, input: ChangeInput): Promise<Outcome<ClusterEntry>>;
  switchOver(name: string, input: SwitchoverInput): Promise<Outcome<Started>>;
  /** Who would hand over to whom, if it began now; nothing is changed. */
  planSwitchover(name: string, input: SwitchoverInput): Promise<Outcome<{ from: string; to: string }>>;
  failOver(name: string, input: FailoverInput): Promise<Outcome<Started>>;
  /** No automatic failover, or again. */
  setHold(name: string, on: boolean): Promise<Outcome<ClusterEntry>>;
  delete(name: string, password: string): Promise<Outcome<ClusterEntry>>;
  /** For an administrator, who needs no password. */
  deleteWithoutPassword(name: string): Promise<Outcome<ClusterEntry>>;
  counters(): SchedulerCounters;
  /** What happened while this scheduler has led. */
  readonly events: EventFeed;
  /** The master says that it is Cotton's local stand-in. */
  standIn(): boolean;
  /** The cluster's own password? False when there is no such cluster. In constant time. */
  passwordMatches(name: string, password: string): boolean;
  /** Called after any visible change of any cluster, at most every 100 ms. */
  onChange(listener: () => void): () => void;
}
