/**
 * The two documents that the scheduler and the executors exchange through ZooKeeper.
 * `control/<uid>` is written by the leading scheduler only; `status/<uid>/<instance>` is ephemeral and
 * written by that instance's executor only. docs/clustering.md tells the story around them.
 */
import { DocumentError } from './errors.ts';

/** Which data an instance holds: a rebuilt or foreign data directory never passes for the old one. */
export interface DataIdentity {
  volumeId: string;
  /** MySQL's server UUID; fresh after every rebuild or clone. */
  serverUuid: string;
}

/** A replica whose acknowledgement counts, bound to the data it holds. */
export interface Voter extends DataIdentity {
  instance: string;
}

/** Where a member listens. */
export interface Member {
  instance: string;
  serverId: number;
  taskId: string;
  host: string;
  port: number;
  httpPort: number;
}

export const PHASES = ['forming', 'electing', 'promoting', 'steady', 'deleting'] as const;
/**
 * forming: there was never a primary. electing: nobody is primary, members report positions.
 * promoting: the winner applies what it received, siblings attach to it. steady: the primary may write.
 */
export type Phase = (typeof PHASES)[number];

/** What every member of one cluster should be doing. */
export interface Control {
  format: 1;
  cluster: { uid: string; name: string };
  epoch: number;
  phase: Phase;
  /** The only instance allowed to acknowledge writes; null while there is none. */
  primary: string | null;
  /** The elected winner, while `promoting`. */
  candidate: string | null;
  /** GTID set the candidate must contain before it may become primary. */
  elected: string | null;
  /** Server UUID of the primary or candidate, so that a replica never follows a stranger on a reused port. */
  sourceUuid: string | null;
  members: Member[];
  inSync: Voter[];
  /** Acknowledgements a commit waits for. */
  ackCount: number;
  /** MySQL account of the cluster's user (its password is among the sealed secrets). */
  user: string;
  /** Sealed secrets, one for each instance, readable only with the key in that instance's task. */
  secrets: Record<string, string>;
}

export const MYSQLD_STATES = ['preparing', 'starting', 'serving', 'down'] as const;
export type MysqldState = (typeof MYSQLD_STATES)[number];

/** A member's answer to an epoch: taken after its receiver stopped, so it can only be outdated by applying. */
export interface Position {
  epoch: number;
  /** `gtid_executed`. */
  executed: string;
  /** Whole transactions received, applied or not. */
  received: string;
}

/** How a replica stands towards its source. */
export interface ReplicationStatus {
  epoch: number;
  source: string;
  /** Receiver and applier run, and the source is the one that control names. */
  attached: boolean;
  /** It has applied everything the source had when it attached (or, while promoting, received all that was elected). */
  caughtUp: boolean;
  /** Its acknowledgements count. */
  semiSync: boolean;
}

/** What one member's executor observes of itself; written on transitions only. */
export interface Status {
  format: 1;
  instance: string;
  taskId: string;
  /** null until the data directory is ready. */
  data: DataIdentity | null;
  bootId: string;
  /** The highest epoch this executor has made durable in its volume. */
  epoch: number;
  role: 'none' | 'primary' | 'replica';
  mysqld: MysqldState;
  /** Grows with every start of mysqld under this executor. */
  incarnation: number;
  position: Position | null;
  replication: ReplicationStatus | null;
  /** As candidate: everything received is applied, for this epoch. */
  appliedEpoch: number | null;
  /** As primary: writable, waiting for this many acknowledgements. */
  ackCount: number | null;
  /** MySQL's version, once known. */
  version: string | null;
  /** For people: what it is doing or what is wrong. At most 500 characters. */
  message: string;
}

export const STATUS_MESSAGE_MAX = 500;

export function encodeDocument(document: Control | Status): Buffer {
  return Buffer.from(JSON.stringify(document));
}

/** Reads a control document. @throws DocumentError when it is no control document of a known format. */
export function parseControl(data: Uint8Array): Control {
  const doc = parseFormat1<Control>(data, 'control');
  if (!PHASES.includes(doc.phase) || !Array.isArray(doc.members) || typeof doc.epoch !== 'number')
    throw new DocumentError('control', 'is not a control document');
  return doc;
}

/** Reads a status document. @throws DocumentError when it is no status document of a known format. */
export function parseStatus(data: Uint8Array): Status {
  const doc = parseFormat1<Status>(data, 'status');
  if (
    !MYSQLD_STATES.includes(doc.mysqld) ||
    typeof doc.instance !== 'string' ||
    typeof doc.epoch !== 'number'
  )
    throw new DocumentError('status', 'is not a status document');
  return doc;
}

function parseFormat1<T extends { format: 1 }>(data: Uint8Array, kind: string): T {
  let doc: unknown;
  try {
    doc = JSON.parse(Buffer.from(data).toString('utf8'));
  } catch (cause) {
    throw new DocumentError(kind, 'is not JSON', cause);
  }
  if (typeof doc !== 'object' || doc === null) throw new DocumentError(kind, 'is not an object');
  const format = (doc as { format?: unknown }).format;
  if (format !== 1) throw new DocumentError(kind, `has format ${String(format)}; this Cotton reads format 1`);
  return doc as T;
}
