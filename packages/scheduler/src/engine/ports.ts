/** What the engine needs from outside. Each is one foreign system, in the words of this domain. */
import type { ClusterRecord, Control, Discovery, Home, Status } from '@cotton/core';
import type { Filters, Offer, OfferOperation, TaskStatus } from '@cotton/mesos';

export interface StoredCluster {
  record: ClusterRecord;
  /** Version of the stored record; every save names the one it replaces. */
  version: number;
}

/** Durable state. Every write is fenced by this scheduler's leadership: a deposed leader's write fails. */
export interface StatePort {
  /** Writes record and control together. `expected` null: the cluster is new. @returns the new version */
  save(record: ClusterRecord, control: Control, expected: number | null): Promise<number>;
  /** Forgets the cluster: its record, control and statuses. */
  remove(record: ClusterRecord, expected: number): Promise<void>;
}

export interface CoordinationPort {
  /** `changedAtMs`: when, by `performance.now()`, a status was last seen to change, to come or to go; without those that never did. */
  watchStatuses(
    clusterUid: string,
    onChange: (statuses: ReadonlyMap<string, Status>, changedAtMs: ReadonlyMap<string, number>) => void,
  ): () => void;
  /** Since when, by `performance.now()`, we have been connected without a break; Infinity while we are not. */
  connectedSinceMs(): number;
  /** Our session has been up for a full session timeout: a missing status is evidence. */
  absenceCounts(): boolean;
  publishDiscovery(clusterName: string, discovery: Discovery): Promise<void>;
  removeDiscovery(clusterName: string): Promise<void>;
}

/** Calls to the Mesos master, sent in order. They are best effort: only events prove anything. */
export interface MesosPort {
  accept(offerIds: string[], operations: OfferOperation[], filters: Filters): void;
  decline(offerIds: string[], filters: Filters): void;
  revive(): void;
  kill(taskId: string, agentId: string): void;
  acknowledge(status: TaskStatus): void;
  reconcile(tasks: { taskId: string; agentId: string }[]): void;
  /** All registered agents with all their resources, reserved ones included (operator call GET_AGENTS). */
  agents(): Promise<AgentResources[]>;
}

/** Questions to members' executors. */
export interface MemberPort {
  /** Why this primary could likely not close now, in words; none: nothing is in the way. That it did not answer is one. */
  obstacles(primary: Pick<Home, 'hostname' | 'httpPort'>): Promise<string[]>;
}

export interface AgentResources {
  agentId: string;
  /** `ip:port` of the agent: stays the same when it comes back under a new id. */
  address: string;
  resources: NonNullable<Offer['resources']>;
}

export interface Clock {
  nowMs(): number;
}

export interface EngineLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
