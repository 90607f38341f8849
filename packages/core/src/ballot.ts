/**
 * Counting an election. Every acknowledged transaction is on k voters of one of the listed generations, and on that
 * generation's primary. So |V| − k + 1 reports of each generation's voters contain all of them; so does the report of
 * a primary, for its own generation and those before it.
 */
import type { Status } from './documents.ts';
import { sameVoter } from './duty.ts';
import type { Observation } from './evidence.ts';
import { incarnationOf, isInEpoch, sameData, statusOf, voterOf } from './evidence.ts';
import type { GtidSet } from './gtid.ts';
import {
  containsGtidSet,
  countTransactions,
  formatGtidSet,
  ofSource,
  parseGtidSet,
  subtractGtidSets,
  unionGtidSets,
} from './gtid.ts';
import type { ClusterRecord, Generation, Incarnation } from './record.ts';

export type Ballot =
  | { kind: 'waiting'; for: string[] }
  | { kind: 'incomparable'; members: string[] }
  | ({
      kind: 'won';
      /** The same with the listed primaries' reports, too: also safe. */ wider?: Winner;
    } & Winner);

export interface Winner {
  winner: Incarnation;
  elected: string;
}

/** A position report of this epoch. */
interface Report {
  status: Status;
  holds: GtidSet;
}

export function countBallot(record: ClusterRecord, seen: Observation): Ballot {
  const reports = record.instances.flatMap((i) => reportOf(record, i.id, seen) ?? []);
  const ballot = record.election?.everyone
    ? countEveryone(record, reports, seen)
    : countElectorate(record, reports, seen);
  // Nothing is done without that came after all.
  return ballot.kind !== 'won' && record.election?.waived ? countWaived(record, reports, seen) : ballot;
}

function countElectorate(record: ClusterRecord, reports: Report[], seen: Observation): Ballot {
  const voters = reports.filter((r) => isCounted(record, r)).map((r) => withoutLocal(record, r));
  const withPrimaries = [
    ...voters,
    ...reports.filter((r) => isPrimaryOf(record, r) && !isCounted(record, r)),
  ];
  const bound = [voters, withPrimaries].filter((counted) => isBound(record, counted));
  const [won, wider] = bound.flatMap((counted) => elect(record, counted, seen) ?? []);
  if (won?.kind === 'won' && wider?.kind === 'won') return { ...won, wider };
  if (won) return won;
  if (bound.length === 0) return { kind: 'waiting', for: missing(record, reports) };
  return { kind: 'incomparable', members: withPrimaries.map((r) => r.status.instance) };
}

/** The transactions a member reported in this epoch, applied or only received; undefined until it has. */
export function reportedBy(record: ClusterRecord, id: string, seen: Observation): GtidSet | undefined {
  return reportOf(record, id, seen)?.holds;
}

function reportOf(record: ClusterRecord, id: string, seen: Observation): Report | undefined {
  const status = statusOf(record, id, seen);
  if (!status || status.position?.epoch !== record.epoch || !isInEpoch(record, status)) return undefined;
  const { executed, received } = status.position;
  return { status, holds: unionGtidSets(parseGtidSet(executed), parseGtidSet(received)) };
}

function isBound(record: ClusterRecord, counted: Report[]): boolean {
  return record.electorate.every(
    (generation, at) =>
      hasQuorum(generation, counted) ||
      record.electorate.slice(at).some((later) => counted.some((r) => isPrimaryIn(later, r))),
  );
}

function hasQuorum({ voters, ackCount }: Generation, counted: Report[]): boolean {
  const answered = voters.filter((v) => counted.some((r) => sameVoter(v, voterOf(r.status))));
  return ackCount > 0 && answered.length >= voters.length - ackCount + 1;
}

function isCounted(record: ClusterRecord, { status }: Report): boolean {
  return record.electorate.some((g) => g.voters.some((v) => sameVoter(v, voterOf(status))));
}

function isPrimaryOf(record: ClusterRecord, report: Report): boolean {
  return record.electorate.some((g) => isPrimaryIn(g, report));
}

/** A winner whose host died before it had applied what it was elected for has perhaps not even received it any more. */
function isPrimaryIn({ primary, elected }: Generation, { status, holds }: Report): boolean {
  const isIt = primary.instance === status.instance && sameData(primary.data, status.data);
  return isIt && containsGtidSet(holds, parseGtidSet(elected));
}

/**
 * What a replica wrote by itself in the present epoch nobody acknowledged (a tenant's FLUSH there, say): it must not
 * make two members incomparable. What it wrote as a primary before is in `elected`, or it is a listed primary.
 */
function withoutLocal(record: ClusterRecord, report: Report): Report {
  const uuid = report.status.data?.serverUuid;
  if (uuid === undefined || isPrimaryOf(record, report)) return report;
  const local = subtractGtidSets(ofSource(report.holds, uuid), parseGtidSet(record.elected));
  return local.size === 0 ? report : { ...report, holds: subtractGtidSets(report.holds, local) };
}

function elect(record: ClusterRecord, counted: Report[], seen: Observation): Ballot | undefined {
  const all = unionGtidSets(...counted.map((r) => r.holds));
  const best = counted
    .filter((r) => containsGtidSet(r.holds, all))
    .sort((a, b) => rank(record, a.status.instance) - rank(record, b.status.instance))[0];
  return best && won(record, best, all, seen);
}

function won(record: ClusterRecord, best: Report, elected: GtidSet, seen: Observation): Ballot {
  const instance = record.instances.find((i) => i.id === best.status.instance);
  const winner = instance && incarnationOf(instance, statusOf(record, instance.id, seen));
  return winner
    ? { kind: 'won', winner, elected: formatGtidSet(elected) }
    : { kind: 'waiting', for: [best.status.instance] };
}

/** An operator's `force`, or `unsafe_available`: the one with the most, whatever the others may have had. */
function countWaived(record: ClusterRecord, reports: Report[], seen: Observation): Ballot {
  const { wanted } = record.election ?? {};
  const most = [...reports].sort(
    (a, b) =>
      Number(b.status.instance === wanted) - Number(a.status.instance === wanted) ||
      countTransactions(b.holds) - countTransactions(a.holds) ||
      rank(record, a.status.instance) - rank(record, b.status.instance),
  )[0];
  return most ? won(record, most, most.holds, seen) : { kind: 'waiting', for: ['any member'] };
}

/** ZooKeeper has forgotten who may have acknowledged what: only all volumes together still know. */
function countEveryone(record: ClusterRecord, reports: Report[], seen: Observation): Ballot {
  const silent = record.instances
    .filter((i) => i.home && !reports.some((r) => r.status.instance === i.id))
    .map((i) => i.id);
  if (silent.length > 0 || reports.length === 0) return { kind: 'waiting', for: silent };
  return (
    elect(record, reports, seen) ?? { kind: 'incomparable', members: reports.map((r) => r.status.instance) }
  );
}

const PREFERENCE = { prefer: 0, neutral: 1, avoid: 2, never: 3 } as const;
const REMOVED_COST = 1e9;
const PREFERENCE_COST = 1e6;

/** Equal data: whom an operator wants, by preference, by ordinal; one that is being removed only if nobody else can. */
export function rank(record: ClusterRecord, id: string): number {
  if (id === record.election?.wanted) return -1;
  const instance = record.instances.find((i) => i.id === id);
  const preference = PREFERENCE[record.spec.promotion[id] ?? 'neutral'];
  const removed = instance?.intent === 'remove' ? REMOVED_COST : 0;
  return removed + preference * PREFERENCE_COST + (instance?.ordinal ?? 0);
}

/** Whose reports would complete the bound. */
function missing(record: ClusterRecord, reports: Report[]): string[] {
  const unmet = record.electorate.filter((g) => !hasQuorum(g, reports));
  const wanted = unmet.flatMap((g) => [g.primary.instance, ...g.voters.map((v) => v.instance)]);
  const counts = (id: string): boolean =>
    reports.some((r) => r.status.instance === id && (isCounted(record, r) || isPrimaryOf(record, r)));
  return [...new Set(wanted)].filter((id) => !counts(id));
}
