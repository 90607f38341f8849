/**
 * Counting an election. Every acknowledged transaction is on k voters of one of the listed generations, and on that
 * generation's primary. So |V| − k + 1 reports of each generation's voters contain all of them; so does the report of
 * a primary, for its own generation and those before it.
 */
import type { Status } from './documents.ts';
import { sameVoter } from './duty.ts';
import type { Observation } from './evidence.ts';
import { incarnationOf, isAbsent, isFresh, isInEpoch, sameData, statusOf, voterOf } from './evidence.ts';
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
  /** `others` would be as safe, but are less liked. */
  | ({ kind: 'won'; others: Winner[] } & Winner);

export interface Winner {
  winner: Incarnation;
  elected: string;
}

export interface Holdings {
  /** Applied or only received. */
  holds: GtidSet;
  /** Of these, what it cannot pass on. */
  purged: GtidSet;
}

/** A position report of this epoch. */
interface Report extends Holdings {
  status: Status;
  /** How many of these it has yet to apply. */
  backlog: number;
  /** The highest epoch that it is noted to have led. */
  led: number;
}

export function countBallot(record: ClusterRecord, seen: Observation): Ballot {
  const reports = record.instances.flatMap((i) => reportOf(record, i.id, seen) ?? []);
  const ballot = record.election?.everyone
    ? countEveryone(record, reports, seen)
    : (untilAllAreHeard(record, seen) ?? countElectorate(record, reports, seen));
  // Nothing is done without that came after all.
  return ballot.kind !== 'won' && record.election?.waived ? countWaived(record, reports, seen) : ballot;
}

/**
 * After a start of ours, or of ZooKeeper, members that are up are heard within a session timeout. One of them may know
 * more than the record does, which is then an old copy; and so may be the status that stands there until it is back, or
 * the end of a task: that member has been launched since. Only the lost primary is not waited for once it was seen to
 * vanish with its task: its host is gone, and all wait for its heir.
 */
function untilAllAreHeard(record: ClusterRecord, seen: Observation): Ballot | undefined {
  if (seen.absenceCounts) return undefined;
  const deposed = record.election?.deposed;
  const isLost = (id: string): boolean =>
    id === deposed?.instance &&
    record.instances.some((i) => i.id === id && i.task?.id === deposed.taskId) &&
    isAbsent(record, id, seen);
  const isHeard = (id: string): boolean => isFresh(record, id, seen) || isLost(id);
  const silent = record.instances
    .filter((i) => i.task !== null || i.home?.seeded)
    .filter((i) => !isHeard(i.id))
    .map((i) => i.id);
  return silent.length > 0 ? { kind: 'waiting', for: silent } : undefined;
}

/**
 * A member may win when those that it contains satisfy the bound: then it has every acknowledged transaction, and what
 * the others have beyond it was never acknowledged. Voters first, those that contain the most of the others; a listed
 * primary has what it could not get acknowledged, so it comes last.
 */
function countElectorate(record: ClusterRecord, reports: Report[], seen: Observation): Ballot {
  const counted = reports
    .filter((r) => isCounted(record, r) || isPrimaryOf(record, r))
    .map((r) => withoutLocal(record, r));
  const open = record.electorate.filter((g) => !wasNeverLed(g, reports));
  const isBound = (by: Report[]): boolean => open.every((g) => answersFor(record, g, by));
  if (!isBound(counted)) return { kind: 'waiting', for: missing(record, reports) };
  const containedIn = (r: Report): Report[] => counted.filter((s) => containsGtidSet(r.holds, s.holds));
  const cost = (r: Report): number =>
    (isCounted(record, r) ? 0 : PRIMARY_COST) - containedIn(r).filter((s) => isCounted(record, s)).length;
  const able = counted
    .filter((r) => isBound(containedIn(r)))
    .sort((a, b) => cost(a) - cost(b) || byRank(record, a, b));
  if (able.length === 0) return { kind: 'incomparable', members: counted.map((r) => r.status.instance) };
  const [first, ...others] = able.flatMap((r) => winnerOf(record, r, r.holds, seen) ?? []);
  return first
    ? { kind: 'won', ...first, others }
    : { kind: 'waiting', for: able.map((r) => r.status.instance) };
}

/** What a member reported in this epoch; undefined until it has. */
export function reportedBy(record: ClusterRecord, id: string, seen: Observation): Holdings | undefined {
  return reportOf(record, id, seen);
}

function reportOf(record: ClusterRecord, id: string, seen: Observation): Report | undefined {
  const status = statusOf(record, id, seen);
  if (!status || status.position?.epoch !== record.epoch || !isInEpoch(record, status)) return undefined;
  const { executed, received, purged, led } = status.position;
  const holds = unionGtidSets(parseGtidSet(executed), parseGtidSet(received));
  const backlog = countTransactions(subtractGtidSets(holds, parseGtidSet(executed)));
  return { status, holds, backlog, purged: parseGtidSet(purged), led };
}

/** These have, between them, everything acknowledged in this generation. */
function answersFor({ electorate }: ClusterRecord, generation: Generation, counted: Report[]): boolean {
  const later = electorate.filter((g) => g.number >= generation.number);
  return hasQuorum(generation, counted) || later.some((g) => counted.some((r) => isPrimaryIn(g, r)));
}

/**
 * A primary that lacks what it was elected for has lost it before it was applied, so it never opened: nothing was
 * acknowledged.
 */
function wasNeverLed({ primary, elected }: Generation, reports: Report[]): boolean {
  return reports.some(
    ({ status, holds }) =>
      primary.instance === status.instance &&
      sameData(primary.data, status.data) &&
      !containsGtidSet(holds, parseGtidSet(elected)),
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
 * What a member wrote that is not the last primary, and that the last primary was not elected for, nobody acknowledged:
 * a tenant's FLUSH on a replica, or what an earlier primary had under way when it was lost. It must not make two
 * members incomparable.
 */
function withoutLocal(record: ClusterRecord, report: Report): Report {
  const uuid = report.status.data?.serverUuid;
  const last = record.electorate.at(-1);
  if (uuid === undefined || (last && isPrimaryIn(last, report))) return report;
  const local = subtractGtidSets(ofSource(report.holds, uuid), parseGtidSet(record.elected));
  return local.size === 0 ? report : { ...report, holds: subtractGtidSets(report.holds, local) };
}

/** Undefined while it is not up. */
function winnerOf(
  record: ClusterRecord,
  { status }: Report,
  elected: GtidSet,
  seen: Observation,
): Winner | undefined {
  const instance = record.instances.find((i) => i.id === status.instance);
  const winner = instance && incarnationOf(instance, statusOf(record, instance.id, seen));
  return winner && { winner, elected: formatGtidSet(elected) };
}

function wonBy(record: ClusterRecord, best: Report, elected: GtidSet, seen: Observation): Ballot {
  const winner = winnerOf(record, best, elected, seen);
  return winner ? { kind: 'won', ...winner, others: [] } : { kind: 'waiting', for: [best.status.instance] };
}

/**
 * An operator's `force`, or `unsafe_available`: the one with the most, whatever the others may have had. After a restore
 * the electorate does not tell what a deposed primary could not get acknowledged, so that does not make the most.
 */
function countWaived(record: ClusterRecord, reports: Report[], seen: Observation): Ballot {
  const { wanted, everyone } = record.election ?? {};
  const weight = (r: Report): number => countTransactions(everyone ? withoutTail(r, reports) : r.holds);
  const most = [...reports].sort(
    (a, b) =>
      Number(b.status.instance === wanted) - Number(a.status.instance === wanted) ||
      weight(b) - weight(a) ||
      byRank(record, a, b),
  )[0];
  return most ? wonBy(record, most, most.holds, seen) : { kind: 'waiting', for: ['any member'] };
}

/**
 * ZooKeeper has forgotten who may have acknowledged what: only all volumes together still know. Also of a member that has
 * no data as far as the record knows: that is the old copy's word. Members that it does not even know are heard within
 * a session timeout.
 */
function countEveryone(record: ClusterRecord, reports: Report[], seen: Observation): Ballot {
  if (!seen.absenceCounts) return { kind: 'waiting', for: ['members that the old copy does not know'] };
  const silent = record.instances
    .filter((i) => (i.intent === 'run' ? i.home : i.home?.seeded))
    .filter((i) => !reports.some((r) => r.status.instance === i.id))
    .map((i) => i.id);
  const gone = record.electorate.filter((g) => !isAnsweredByName(record, g, reports));
  const missed = [...silent, ...gone.map((g) => g.primary.instance)];
  if (missed.length > 0 || reports.length === 0) return { kind: 'waiting', for: [...new Set(missed)] };
  const all = unionGtidSets(...reports.map((r) => withoutTail(r, reports)));
  const best = reports.filter((r) => containsGtidSet(r.holds, all)).sort((a, b) => byRank(record, a, b))[0];
  return best
    ? wonBy(record, best, all, seen)
    : { kind: 'incomparable', members: reports.map((r) => r.status.instance) };
}

/**
 * What only its writer has, though all have reported, was acknowledged by nobody but its writer, alone; and then whoever
 * led after that one has it, too. That somebody led later is sure when it wrote what this one lacks.
 */
function withoutTail(report: Report, reports: Report[]): GtidSet {
  const others = reports.filter((r) => r !== report);
  const tail = subtractGtidSets(ownOf(report), unionGtidSets(...others.map((r) => r.holds)));
  const isDeposed = others.some(
    (r) => r.led > report.led && subtractGtidSets(ownOf(r), report.holds).size > 0,
  );
  return isDeposed ? subtractGtidSets(report.holds, tail) : report.holds;
}

function ownOf({ status, holds }: Report): GtidSet {
  return ofSource(holds, status.data?.serverUuid ?? '');
}

/** Whoever was given up for gone may have been the only one. By name: data may have been replaced since the old copy. */
function isAnsweredByName(
  { electorate }: ClusterRecord,
  { number, voters, ackCount }: Generation,
  reports: Report[],
): boolean {
  const hasAnswered = (id: string): boolean => reports.some((r) => r.status.instance === id);
  const answered = voters.filter((v) => hasAnswered(v.instance));
  if (ackCount > 0 && answered.length >= voters.length - ackCount + 1) return true;
  return electorate.some((g) => g.number >= number && hasAnswered(g.primary.instance));
}

const PREFERENCE = { prefer: 0, neutral: 1, avoid: 2, never: 3 } as const;
const PRIMARY_COST = 1_000;
const REMOVED_COST = 1e9;
const PREFERENCE_COST = 1e6;

/** Equal data: whom an operator wants, by preference, by ordinal; one that is being removed only if nobody else can. */
export function rank(record: ClusterRecord, id: string): number {
  return dislike(record, id) + ordinalOf(record, id);
}

function dislike(record: ClusterRecord, id: string): number {
  if (id === record.election?.wanted) return -PREFERENCE_COST;
  const preference = PREFERENCE[record.spec.promotion[id] ?? 'neutral'];
  const isRemoved = record.instances.some((i) => i.id === id && i.intent === 'remove');
  return (isRemoved ? REMOVED_COST : 0) + preference * PREFERENCE_COST;
}

function ordinalOf(record: ClusterRecord, id: string): number {
  return record.instances.find((i) => i.id === id)?.ordinal ?? 0;
}

/** As `rank`; but of those who are liked alike, who has the least to apply will be open first. */
function byRank(record: ClusterRecord, a: Report, b: Report): number {
  const [one, other] = [a.status.instance, b.status.instance];
  return (
    dislike(record, one) - dislike(record, other) ||
    a.backlog - b.backlog ||
    ordinalOf(record, one) - ordinalOf(record, other)
  );
}

/** Whose reports would complete the bound. */
function missing(record: ClusterRecord, reports: Report[]): string[] {
  const unmet = record.electorate.filter((g) => !hasQuorum(g, reports));
  const wanted = unmet.flatMap((g) => [g.primary.instance, ...g.voters.map((v) => v.instance)]);
  const counts = (id: string): boolean =>
    reports.some((r) => r.status.instance === id && (isCounted(record, r) || isPrimaryOf(record, r)));
  return [...new Set(wanted)].filter((id) => !counts(id));
}
