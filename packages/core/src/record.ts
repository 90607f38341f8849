/** What the scheduler remembers of a cluster. Persisted, with a version check, before anything is done about it. */
import type { DataIdentity, Phase, Place, Voter } from './documents.ts';
import { DocumentError } from './errors.ts';
import { instanceId } from './identity.ts';

export interface ClusterSize {
  cpus: number;
  memMb: number;
  diskMb: number;
}

/** What a cluster prefers when not everything can be had. */
export interface Durability {
  /** K: acknowledgements a commit waits for; null: by the number of nodes (`wantedAckCount`). */
  acks: number | null;
  /** With 0 a primary may go on alone, acknowledged by nobody; from 1 up it blocks until replicas are back. */
  minInSync: number;
  /** unsafe_available: after `--election_timeout` the best of those that answer wins, whatever may be missing. */
  policy: 'lossless' | 'unsafe_available';
  /** D: a primary whose writes nobody acknowledges for so long asks to go on alone, or is fenced. */
  heartbeatBoundMs: number;
}

export const DEFAULT_DURABILITY: Durability = {
  acks: null,
  minInSync: 0,
  policy: 'lossless',
  heartbeatBoundMs: 3_000,
};

/** Who is rather promoted, among equals; `never` also keeps an instance from being the target of a switchover. */
export const PROMOTION_PREFERENCES = ['prefer', 'neutral', 'avoid', 'never'] as const;
export type PromotionPreference = (typeof PROMOTION_PREFERENCES)[number];

export interface ClusterSpec {
  nodes: number;
  size: ClusterSize;
  /** MySQL account handed to the tenant. */
  user: string;
  durability: Durability;
  /** By instance; those not named are neutral. */
  promotion: Record<string, PromotionPreference>;
  /** No automatic failover; nothing else changes. */
  hold: boolean;
}

/** launching: persisted, ACCEPT perhaps not yet sent. unreachable: the master lost sight of it; it may be alive. */
export type TaskState = 'launching' | 'staging' | 'starting' | 'running' | 'killing' | 'unreachable';

export interface Task {
  id: string;
  agentId: string;
  state: TaskState;
  startedAtMs: number;
  message: string;
}

export interface Home extends Place {
  /** An executor reported from here, so the volume may hold data: never abandoned without cause. */
  seeded: boolean;
}

export interface Instance {
  id: string;
  ordinal: number;
  /** remove: its task is killed, its volume destroyed, then it is forgotten. */
  intent: 'run' | 'remove';
  attempts: number;
  home: Home | null;
  task: Task | null;
  /** Failures in a row; the next launch waits until `retryAtMs`. */
  failures: number;
  retryAtMs: number;
  lastFailure: string;
  /** Since when a seeded instance has had no task that we can see. */
  awaySinceMs: number | null;
}

/** A member that has not been started yet. */
export function newInstance(clusterName: string, ordinal: number): Instance {
  return {
    id: instanceId(clusterName, ordinal),
    ordinal,
    intent: 'run',
    attempts: 0,
    home: null,
    task: null,
    failures: 0,
    retryAtMs: 0,
    lastFailure: '',
    awaySinceMs: null,
  };
}

/** One run of mysqld: a primary that restarted is not the primary that was elected. */
export interface Incarnation {
  instance: string;
  taskId: string;
  incarnation: number;
  data: DataIdentity;
}

/**
 * One electorate, as a primary was given it. Every acknowledged write is, for at least one of those that a record
 * lists, on `ackCount` of its voters; docs/clustering.md, "The electorate".
 */
export interface Generation {
  /** Grows with every change of the electorate, for the cluster's life. */
  number: number;
  epoch: number;
  /** Holds everything acknowledged in this generation and before it, if it contains `elected`. */
  primary: Incarnation;
  /** What the primary was elected for. A winner may lose some of that again, as long as it has only received it. */
  elected: string;
  voters: Voter[];
  ackCount: number;
}

/** A moment of an election or switchover, for the audit. */
export interface AuditStep {
  step: string;
  atMs: number;
}

export interface Election {
  /** `<uid>-e<epoch>`: the audit's name for it. */
  id: string;
  cause: string;
  startedAtMs: number;
  steps: AuditStep[];
  /** The primary that was lost. */
  deposed: Incarnation | null;
  /** When members were asked in the present epoch. */
  askedAtMs: number;
  /** An operator lets it go on without reports that do not come. */
  forced: boolean;
  /** Some reports are done without, and by whose permission. */
  waived: string | null;
  /** ZooKeeper was restored from an old copy: what the record knows is not to be trusted, all members have to answer. */
  everyone: boolean;
  /** Whom an operator wants, if it holds enough. */
  wanted: string | null;
  /** Enough reports were in, but too few siblings to acknowledge: since when. */
  wonAtMs: number | null;
}

export interface Switchover {
  /** `<uid>-s<epoch>-<nonce>`: the audit's name for it; one that was rolled back may be tried again. */
  id: string;
  to: string;
  startedAtMs: number;
  deadlineAtMs: number;
  graceMs: number;
  steps: AuditStep[];
  handedOver: string | null;
}

/** A finished election or switchover. */
export interface Transition {
  id: string;
  kind: 'formation' | 'failover' | 'switchover';
  epoch: number;
  cause: string;
  /** ok: lossless. unsafe: reports were waived, acknowledged writes may be missing. rolled_back: nothing changed. */
  outcome: 'ok' | 'unsafe' | 'rolled_back';
  /** Why it was rolled back or unsafe, '' otherwise. */
  detail: string;
  from: string | null;
  to: string;
  startedAtMs: number;
  endedAtMs: number;
  steps: AuditStep[];
}

export const TRANSITIONS_MAX = 20;

export interface ClusterRecord {
  format: 1;
  uid: string;
  name: string;
  createdAtMs: number;
  spec: ClusterSpec;
  /** Sealed `ClusterSecrets`; opaque here. */
  sealedSecrets: string;
  /** Hash of the creating request's Idempotency-Key: the same request, repeated, finds this cluster. */
  requestKey: string | null;
  phase: Phase;
  epoch: number;
  /** Tells epochs of the same number apart, after a restore of ZooKeeper. */
  epochId: string;
  primary: Incarnation | null;
  /** GTID set that the primary of this epoch was elected for. */
  elected: string;
  /** First time the primary of this epoch was seen open. */
  openedAtMs: number | null;
  /** Oldest first; the last one is in force. Empty before the first primary. */
  electorate: Generation[];
  nextGeneration: number;
  /** Instances that left the electorate in this epoch, and the generation without them, until they are known to be silent. */
  barred: Record<string, number>;
  /** Voters that lost their source a moment ago, and since when. */
  detachedSinceMs: Record<string, number>;
  election: Election | null;
  switchover: Switchover | null;
  /** Newest last; at most `TRANSITIONS_MAX`. */
  transitions: Transition[];
  /** First time all instances were attached; until then the cluster is being created. */
  formedAtMs: number | null;
  instances: Instance[];
  /** Ordinals are never used twice. */
  nextOrdinal: number;
  /** Ordinals below that this record never gave: members may have them that an old copy does not know. */
  passedOver: number[];
}

export interface NewCluster {
  uid: string;
  name: string;
  spec: ClusterSpec;
  sealedSecrets: string;
  requestKey: string | null;
  nowMs: number;
}

export function newClusterRecord({ nowMs, ...made }: NewCluster): ClusterRecord {
  return {
    format: 1,
    ...made,
    createdAtMs: nowMs,
    phase: 'forming',
    epoch: 0,
    epochId: '',
    primary: null,
    elected: '',
    openedAtMs: null,
    electorate: [],
    nextGeneration: 1,
    barred: {},
    detachedSinceMs: {},
    election: null,
    switchover: null,
    transitions: [],
    formedAtMs: null,
    instances: [],
    nextOrdinal: 0,
    passedOver: [],
  };
}

/** @throws DocumentError when the bytes are no cluster record of a known format: the scheduler must stop. */
export function parseClusterRecord(bytes: Uint8Array): ClusterRecord {
  let record: Partial<ClusterRecord> | null;
  try {
    record = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<ClusterRecord> | null;
  } catch (cause) {
    throw new DocumentError('cluster', 'is not JSON', cause);
  }
  if (record?.format !== 1)
    throw new DocumentError('cluster', `has format ${String(record?.format)}; this Cotton reads format 1`);
  if (!record.uid || !record.name || !record.spec || !Array.isArray(record.instances))
    throw new DocumentError('cluster', 'lacks members');
  return { passedOver: [], ...record } as ClusterRecord;
}

export function encodeClusterRecord(record: ClusterRecord): Buffer {
  return Buffer.from(JSON.stringify(record));
}

/** K by default: acknowledgements a cluster of this many nodes wants. */
export function wantedAckCount(nodes: number): number {
  if (nodes <= 1) return 0;
  return nodes - 1 >= 4 ? 2 : 1;
}

/** K: what the cluster asks for, as far as it has replicas to ask. */
export function ackCountOf({ nodes, durability }: ClusterSpec): number {
  return Math.min(durability.acks ?? wantedAckCount(nodes), nodes - 1);
}
