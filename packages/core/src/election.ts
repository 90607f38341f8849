/**
 * Elections: epoch E → E+1. Nothing here acts; the record says what every member has to do, and members answer
 * through their statuses. docs/clustering.md explains why each step keeps every acknowledged write.
 */
import type { Status } from './documents.ts';
import type { Observation } from './evidence.ts';
import { acknowledges, incarnationOf, lossOf, sameData, statusOf, voterOf } from './evidence.ts';
import type { GtidSet } from './gtid.ts';
import { containsGtidSet, formatGtidSet, parseGtidSet, unionGtidSets } from './gtid.ts';
import { ackCountFor } from './in-sync.ts';
import type { ClusterRecord, Incarnation } from './record.ts';
import { wantedAckCount } from './record.ts';

/** How long a winner that has applied everything waits for siblings to attach before it opens without them. */
export const SIBLING_GRACE_MS = 1_000;

/** Deposes the primary: from the next write of control on, nobody acknowledges anything. */
export function startElection(record: ClusterRecord, cause: string, nowMs: number): ClusterRecord {
  return {
    ...record,
    phase: 'electing',
    epoch: record.epoch + 1,
    primary: null,
    // A promotion that failed goes on looking for the data of the primary before it.
    election: {
      cause,
      startedAtMs: record.election?.startedAtMs ?? nowMs,
      deposed: record.primary ?? record.election?.deposed ?? null,
      candidate: null,
      elected: null,
      appliedAtMs: null,
    },
  };
}

/** A position report of this epoch, by a member whose data is the data we count on. */
interface Report {
  status: Status;
  holds: GtidSet;
}

export type Ballot =
  | { kind: 'waiting'; for: string[] }
  | { kind: 'incomparable'; members: string[] }
  | { kind: 'won'; winner: Incarnation; elected: string };

/**
 * The bound: every acknowledged transaction is on `confirmedAckCount` members of the in-sync set, so any
 * |inSync| − confirmedAckCount + 1 of their reports contain it; so does the deposed primary's own.
 */
export function countBallot(record: ClusterRecord, seen: Observation): Ballot {
  const voters = record.inSync.flatMap((voter) => {
    const report = reportOf(record, voter.instance, seen);
    return report && sameData(voter, report.status) ? [report] : [];
  });
  const needed =
    record.confirmedAckCount > 0 ? record.inSync.length - record.confirmedAckCount + 1 : Infinity;
  if (voters.length >= needed) return elect(record, voters, seen);
  const deposed = deposedReport(record, seen);
  if (deposed) return elect(record, [deposed], seen);
  return { kind: 'waiting', for: missing(record, seen) };
}

function elect(record: ClusterRecord, reports: Report[], seen: Observation): Ballot {
  const all = unionGtidSets(...reports.map((r) => r.holds));
  const best = reports
    .filter((r) => containsGtidSet(r.holds, all))
    .sort((a, b) => rank(record, a.status.instance) - rank(record, b.status.instance))[0];
  if (!best) return { kind: 'incomparable', members: reports.map((r) => r.status.instance) };
  const instance = record.instances.find((i) => i.id === best.status.instance);
  const winner = instance && incarnationOf(instance, statusOf(record, instance.id, seen));
  return winner
    ? { kind: 'won', winner, elected: formatGtidSet(all) }
    : { kind: 'waiting', for: [best.status.instance] };
}

/** Equal data: the lower ordinal wins; one that is being removed only if nobody else can. */
function rank(record: ClusterRecord, id: string): number {
  const instance = record.instances.find((i) => i.id === id);
  return (instance?.ordinal ?? 0) + (instance?.intent === 'remove' ? 1e6 : 0);
}

function reportOf(record: ClusterRecord, id: string, seen: Observation): Report | undefined {
  const status = statusOf(record, id, seen);
  if (status?.position?.epoch !== record.epoch) return undefined;
  const { executed, received } = status.position;
  return { status, holds: unionGtidSets(parseGtidSet(executed), parseGtidSet(received)) };
}

function deposedReport(record: ClusterRecord, seen: Observation): Report | undefined {
  const deposed = record.election?.deposed;
  if (!deposed) return undefined;
  const report = reportOf(record, deposed.instance, seen);
  return report && sameData({ instance: deposed.instance, ...deposed.data }, report.status)
    ? report
    : undefined;
}

function missing(record: ClusterRecord, seen: Observation): string[] {
  const deposed = record.election?.deposed?.instance;
  const wanted = [...record.inSync.map((v) => v.instance), ...(deposed ? [deposed] : [])];
  return wanted.filter((id) => !reportOf(record, id, seen));
}

export function startPromotion(
  record: ClusterRecord,
  winner: Incarnation,
  elected: string,
  nowMs: number,
): ClusterRecord {
  const election = record.election ?? {
    cause: 'the cluster forms',
    startedAtMs: nowMs,
    deposed: null,
    candidate: null,
    elected: null,
    appliedAtMs: null,
  };
  return { ...record, phase: 'promoting', election: { ...election, candidate: winner, elected } };
}

/** Moves a promotion on: fails over again when the winner is lost, opens the epoch when it and its siblings are ready. */
export function continuePromotion(record: ClusterRecord, seen: Observation): ClusterRecord {
  const candidate = record.election?.candidate;
  if (!record.election || !candidate)
    return startElection(record, 'the promotion lost its candidate', seen.nowMs);
  const loss = lossOf(record, candidate, seen);
  if (loss) return startElection(record, loss, seen.nowMs);
  if (statusOf(record, candidate.instance, seen)?.appliedEpoch !== record.epoch) return record;
  const appliedAtMs = record.election.appliedAtMs ?? seen.nowMs;
  if (siblingsReady(record, candidate, seen) || seen.nowMs - appliedAtMs >= SIBLING_GRACE_MS)
    return openEpoch(record, candidate, seen);
  return record.election.appliedAtMs === null
    ? { ...record, election: { ...record.election, appliedAtMs } }
    : record;
}

function siblingsReady(record: ClusterRecord, candidate: Incarnation, seen: Observation): boolean {
  const expected = record.inSync.filter(
    (v) => v.instance !== candidate.instance && statusOf(record, v.instance, seen)?.mysqld === 'serving',
  );
  const ready = expected.filter((v) => acknowledges(record, v.instance, candidate.instance, seen));
  return ready.length >= Math.min(expected.length, Math.max(1, wantedAckCount(record.spec.nodes)));
}

/** One write persists primary, in-sync set and acknowledgement count: nothing is acknowledged in this epoch before it. */
function openEpoch(record: ClusterRecord, winner: Incarnation, seen: Observation): ClusterRecord {
  const inSync = record.instances.flatMap((i) => {
    const status = statusOf(record, i.id, seen);
    const voter = status && voterOf(status);
    return voter && i.intent === 'run' && acknowledges(record, i.id, winner.instance, seen) ? [voter] : [];
  });
  const election = record.election;
  const ackCount = ackCountFor(record, inSync.length);
  return {
    ...record,
    phase: 'steady',
    primary: winner,
    inSync,
    ackCount,
    // It opens with this count in force, and all of inSync hold what was elected.
    confirmedAckCount: ackCount,
    detachedSinceMs: {},
    election: null,
    lastElection: {
      epoch: record.epoch,
      cause: election?.cause ?? '',
      from: election?.deposed?.instance ?? null,
      to: winner.instance,
      startedAtMs: election?.startedAtMs ?? seen.nowMs,
      endedAtMs: seen.nowMs,
    },
  };
}
