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

/**
 * A replica whose acknowledgement counts, bound to the data it holds and to one life of its host: relay logs are not
 * synced, so after a reboot it may have forgotten what it acknowledged.
 */
export interface Voter extends DataIdentity {
  instance: string;
  bootId: string;
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

/** Where an instance lives: an agent, two ports and a volume reserved for it. */
export interface Place {
  agentId: string;
  hostname: string;
  /** `ip:port` of the agent, '' when unknown. */
  address: string;
  port: number;
  httpPort: number;
  volumeId: string;
}

export const PHASES = ['forming', 'electing', 'steady', 'switching', 'deleting'] as const;
/**
 * forming: there was never a primary. electing: nobody is primary, members report positions. steady: the primary
 * may write. switching: the primary closes, so that another one can take over without losing its open position.
 */
export type Phase = (typeof PHASES)[number];

/** What every member of one cluster should be doing. */
export interface Control {
  format: 1;
  cluster: { uid: string; name: string };
  epoch: number;
  /** Tells epochs of the same number apart: after a restore of ZooKeeper there may be two. */
  epochId: string;
  phase: Phase;
  /** The only instance allowed to acknowledge writes; null while there is none. */
  primary: string | null;
  /** GTID set the primary must contain before it may open in this epoch; its followers may hold no more than it gives. */
  elected: string;
  /** Server UUID of the primary, so that a replica never follows a stranger on a reused port. */
  sourceUuid: string | null;
  members: Member[];
  /** Number of the electorate that `inSync`, `ackCount` and `barred` describe; grows with every change. */
  generation: number;
  /** Those whose acknowledgements count; nobody else may acknowledge. */
  inSync: Voter[];
  /** Acknowledgements a commit waits for. */
  ackCount: number;
  /** Server ids that the primary must lock out before it may rely on this generation. */
  barred: number[];
  /** A primary whose markers were not acknowledged for so long asks to go on alone, or is fenced. */
  heartbeatBoundMs: number;
  switchover: ControlSwitchover | null;
  /** MySQL account of the cluster's user (its password is among the sealed secrets). */
  user: string;
  /** Sealed secrets, one for each instance, readable only with the key in that instance's task. */
  secrets: Record<string, string>;
}

/** While `switching`. */
export interface ControlSwitchover {
  /** The primary repeats it: an answer to an earlier attempt says nothing, it may have opened again since. */
  id: string;
  target: string;
  /** How long clients may go on with what they began before their sessions are ended. */
  graceMs: number;
  /** Everything the closed primary has; null until it has said so. */
  handedOver: string | null;
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
  /** What its binary logs no longer hold (`gtid_purged`): whoever lacks some of that cannot follow it. */
  purged: string;
  /** The highest epoch that it is noted to have led. */
  led: number;
}

/** How a replica stands towards its source. */
export interface ReplicationStatus {
  epoch: number;
  source: string;
  /** Receiver and applier run, and the source is the one that control names. */
  attached: boolean;
  /** It has applied everything the source had when it attached. */
  caughtUp: boolean;
  /** Something arrived from the source within the heartbeat bound. */
  hears: boolean;
  /** It takes seconds to apply what it receives, so it would take as long to become the primary. */
  lags: boolean;
}

/** Transactions that only this instance had and that were never acknowledged, saved before its data were replaced. */
export interface ErrantSlice {
  gtids: string;
  /** Where the slice is, within the volume. */
  file: string;
  savedAtMs: number;
}

/** What one member's executor observes of itself; written on transitions only. */
export interface Status {
  format: 1;
  instance: string;
  taskId: string;
  /** Where the task was launched: a record restored from an old copy may not know. Executors of old do not say it. */
  place?: Place;
  /** null until the data directory is ready. */
  data: DataIdentity | null;
  bootId: string;
  /** The highest epoch this executor has made durable in its volume, and that epoch's id. */
  epoch: number;
  epochId: string;
  /** The highest generation of the electorate this executor has seen in control, in whatever epoch. */
  generation: number;
  role: 'none' | 'primary' | 'replica';
  mysqld: MysqldState;
  /** Grows with every start of mysqld under this executor. */
  incarnation: number;
  position: Position | null;
  replication: ReplicationStatus | null;
  /** Whether it acknowledges what it receives, and the generation up to which this was ordered and done. */
  acks: { generation: number; on: boolean } | null;
  /** As primary: writable, and how it stands towards the electorate. */
  lead: LeadStatus | null;
  /** As primary that is to hand over: closed for good unless control takes it back, with this `gtid_executed`. */
  handedOver: HandedOver | null;
  /** As target of a switchover: the handed-over set that it has applied. */
  reached: string | null;
  /** The newest ones; at most `ERRANT_SLICES_MAX`. */
  errant: ErrantSlice[];
  /** MySQL's version, once known. */
  version: string | null;
  /** For people: what it is doing or what is wrong. At most 500 characters. */
  message: string;
}

/** A primary's answer to one switchover. */
export interface HandedOver {
  id: string;
  epoch: number;
  /** Its `gtid_executed`, final until it opens again. */
  executed: string;
}

export interface LeadStatus {
  epoch: number;
  /** Acknowledgements its commits wait for now. */
  ackCount: number;
  /** The generation whose rules are in force here: count set, barred members locked out. */
  enforcing: number;
  /** The generation under whose rules a marker was acknowledged: its voters hold everything before. */
  settled: number;
  /** The generation under which nothing was acknowledged for the heartbeat bound: asks to go on alone. */
  degrade: number | null;
}

export const STATUS_MESSAGE_MAX = 500;
export const ERRANT_SLICES_MAX = 5;

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
