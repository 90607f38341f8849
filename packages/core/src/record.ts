/** What the scheduler remembers of a cluster. Persisted, with a version check, before anything is done about it. */
import type { DataIdentity, Phase, Voter } from './documents.ts';
import { DocumentError } from './errors.ts';

export interface ClusterSize {
  cpus: number;
  memMb: number;
  diskMb: number;
}

export interface ClusterSpec {
  nodes: number;
  size: ClusterSize;
  /** MySQL account handed to the tenant. */
  user: string;
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

/** Where an instance lives: an agent, two ports and a volume reserved for it. */
export interface Home {
  agentId: string;
  hostname: string;
  /** `ip:port` of the agent, '' when unknown. */
  address: string;
  port: number;
  httpPort: number;
  volumeId: string;
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

/** One run of mysqld: a primary that restarted is not the primary that was elected. */
export interface Incarnation {
  instance: string;
  taskId: string;
  incarnation: number;
  data: DataIdentity;
}

export interface Election {
  cause: string;
  startedAtMs: number;
  /** The primary that was lost; null when the cluster forms. */
  deposed: Incarnation | null;
  candidate: Incarnation | null;
  elected: string | null;
  appliedAtMs: number | null;
}

export interface ElectionSummary {
  epoch: number;
  cause: string;
  from: string | null;
  to: string;
  startedAtMs: number;
  endedAtMs: number;
}

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
  primary: Incarnation | null;
  inSync: Voter[];
  /** Acknowledgements the primary is asked to wait for. */
  ackCount: number;
  /** Those that it is known to wait for: every acknowledged write is on so many members of `inSync`. */
  confirmedAckCount: number;
  /** In-sync members that lost their source a moment ago, and since when. */
  detachedSinceMs: Record<string, number>;
  election: Election | null;
  lastElection: ElectionSummary | null;
  /** First time all instances were attached; until then the cluster is being created. */
  formedAtMs: number | null;
  instances: Instance[];
  /** Ordinals are never used twice. */
  nextOrdinal: number;
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
    primary: null,
    inSync: [],
    ackCount: 0,
    confirmedAckCount: 0,
    detachedSinceMs: {},
    election: null,
    lastElection: null,
    formedAtMs: null,
    instances: [],
    nextOrdinal: 0,
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
  return record as ClusterRecord;
}

export function encodeClusterRecord(record: ClusterRecord): Buffer {
  return Buffer.from(JSON.stringify(record));
}

/** Acknowledgements a cluster of this many nodes wants: its K. */
export function wantedAckCount(nodes: number): number {
  if (nodes <= 1) return 0;
  return nodes - 1 >= 4 ? 2 : 1;
}
