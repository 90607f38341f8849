/** Who acknowledges writes, and how many acknowledgements a commit waits for, while the primary serves. */
import type { Voter } from './documents.ts';
import { sameVoter } from './duty.ts';
import {
  changeElectorate,
  currentGeneration,
  GENERATIONS_MAX,
  isEnforced,
  isOneStep,
  isSettled,
} from './electorate.ts';
import type { Observation } from './evidence.ts';
import { isAbsent, isAttached, isInEpoch, leadOf, statusOf, voterOf } from './evidence.ts';
import type { ClusterRecord, Generation } from './record.ts';
import { ackCountOf } from './record.ts';

/** ZooKeeper tells an expiry up to a tick and a round of heartbeats later. */
export const EXPIRY_SLACK_MS = 2_000;

/**
 * How long a voter that lost its source stays one. A host that dies detaches its replicas at once, but its own status
 * node tells of its death only a session timeout later, and the fewer changes are under way then the better. A voter
 * whose own mysqld, task or status is gone leaves without delay.
 */
export function detachGraceMs(seen: Observation): number {
  return 2 * seen.memberSessionTimeoutMs + EXPIRY_SLACK_MS;
}

/** So long a primary that may not go alone has at least been open before it makes way: its heir may fare no better. */
export const STUCK_MS = 30_000;

/** The record with the next change of the electorate begun, if one is due and may begin. */
export function keepElectorate(record: ClusterRecord, seen: Observation): ClusterRecord {
  const current = currentGeneration(record);
  const primary = record.primary;
  if (!current || !primary) return record;
  const noted = noteDetached(noteSilent(record, seen), current, primary.instance, seen);
  if (mayGoAlone(noted, current, seen)) return changeElectorate(noted, [], 0);
  // Our connection is young: record and statuses may be those of an old copy, and members not back yet to show it. A
  // generation of a number that was given before must not be given again.
  if (!seen.absenceCounts && record.formedAtMs !== null) return noted;
  const next = nextElectorate(noted, current, primary.instance, seen);
  return next && mayBegin(noted, current, next, seen)
    ? changeElectorate(noted, next.voters, next.ackCount)
    : noted;
}

/**
 * Before the primary follows the present rules, acknowledgements by the rules before them may still come in. With two
 * and more, a write may wait with one acknowledgement of a member that has left: only a settled electorate proves
 * that no joiner's can be added to that one.
 */
function mayBegin(record: ClusterRecord, current: Generation, next: Wanted, seen: Observation): boolean {
  const isSingle = current.ackCount === 1 && next.ackCount === 1;
  // Too few to acknowledge anything: no write waits with an acknowledgement of somebody who is gone.
  const isIdle = current.voters.length < current.ackCount;
  return isSettled(record) || ((isSingle || isIdle) && record.electorate.length < GENERATIONS_MAX)
    ? isEnforced(record, seen)
    : false;
}

/**
 * A primary that may not go alone and gets no acknowledgements, though enough members are up: the next epoch opens with
 * those. It may be cut off from them; or its electorate cannot be mended in place; or an account statement of a client
 * waits for its acknowledgement, behind which no replica can connect again (MySQL 9.7, tried).
 */
export function isStuck(record: ClusterRecord, seen: Observation): boolean {
  const current = currentGeneration(record);
  const { primary, spec } = record;
  if (!current || !primary || spec.durability.minInSync === 0) return false;
  const up = record.instances.filter(
    (i) =>
      i.intent === 'run' && i.id !== primary.instance && statusOf(record, i.id, seen)?.mysqld === 'serving',
  );
  const isDue = seen.nowMs - (record.openedAtMs ?? seen.nowMs) >= STUCK_MS;
  const mayMeetIt = current.voters.length >= current.ackCount && up.length >= ackCountOf(spec);
  return isWithoutAcknowledgement(record, seen) && isDue && mayMeetIt;
}

/** The primary says so, for as long as the heartbeat bound and of the present generation. */
export function isWithoutAcknowledgement(record: ClusterRecord, seen: Observation): boolean {
  const current = currentGeneration(record);
  return current !== undefined && leadOf(record, seen)?.degrade === current.number;
}

/**
 * Only the primary itself knows that nobody acknowledges: a scheduler's view may be stale, and going alone makes the
 * primary's volume the only place that has every write.
 */
function mayGoAlone(record: ClusterRecord, current: Generation, seen: Observation): boolean {
  const isAllowed = record.spec.durability.minInSync === 0;
  return current.ackCount > 0 && isAllowed && isWithoutAcknowledgement(record, seen);
}

interface Wanted {
  voters: Voter[];
  ackCount: number;
}

function nextElectorate(
  record: ClusterRecord,
  current: Generation,
  primary: string,
  seen: Observation,
): Wanted | undefined {
  const wanted = ackCountOf(record.spec);
  const stay = current.voters.filter((v) => stays(record, v, primary, seen));
  const join = joining(record, primary, current.voters, seen);
  if (wanted === 0) return current.ackCount === 0 ? undefined : { voters: [], ackCount: 0 };
  if (current.ackCount === 0) return join.length >= wanted ? { voters: join, ackCount: wanted } : undefined;
  const k = current.ackCount;
  const candidates: Wanted[] = [
    { voters: [...stay, ...join], ackCount: k },
    { voters: stay, ackCount: k },
    { voters: [...current.voters, ...join], ackCount: k },
    { voters: current.voters, ackCount: wanted },
  ];
  return candidates.find((next) => isDue(record, current, next, seen, primary));
}

/** Possible without losing the invariant, and not what is in force already. */
function isDue(
  record: ClusterRecord,
  current: Generation,
  { voters, ackCount }: Wanted,
  seen: Observation,
  primary: string,
): boolean {
  const isSame = ackCount === current.ackCount && sameVoters(voters, current.voters);
  if (isSame || !isOneStep(current, voters, ackCount)) return false;
  if (ackCount === current.ackCount) return voters.length >= Math.min(ackCount, current.voters.length + 1);
  // A higher count has to be met by members that are there, or every writer waits.
  return voters.filter((v) => stays(record, v, primary, seen)).length >= ackCount;
}

function sameVoters(a: readonly Voter[], b: readonly Voter[]): boolean {
  return a.length === b.length && a.every((v) => b.some((w) => sameVoter(v, w)));
}

/** Whoever was told to stop acknowledging, and says that it has, needs no lock any more. */
function noteSilent(record: ClusterRecord, seen: Observation): ClusterRecord {
  const still = Object.entries(record.barred).filter(([id, generation]) => {
    const status = statusOf(record, id, seen);
    const acks = status && isInEpoch(record, status) ? status.acks : null;
    const isForgotten = !record.instances.some((i) => i.id === id);
    return !isForgotten && !(acks && !acks.on && acks.generation >= generation);
  });
  return still.length === Object.keys(record.barred).length
    ? record
    : { ...record, barred: Object.fromEntries(still) };
}

/** Notes since when voters have been without their source. */
function noteDetached(
  record: ClusterRecord,
  current: Generation,
  primary: string,
  seen: Observation,
): ClusterRecord {
  const detached = current.voters.filter((v) => standingOf(record, v, primary, seen) === 'detached');
  const since = Object.fromEntries(
    detached.map((v) => [v.instance, record.detachedSinceMs[v.instance] ?? seen.nowMs]),
  );
  return JSON.stringify(since) === JSON.stringify(record.detachedSinceMs)
    ? record
    : { ...record, detachedSinceMs: since };
}

function stays(record: ClusterRecord, voter: Voter, primary: string, seen: Observation): boolean {
  const standing = standingOf(record, voter, primary, seen);
  if (standing !== 'detached') return standing === 'attached';
  return seen.nowMs - (record.detachedSinceMs[voter.instance] ?? seen.nowMs) < detachGraceMs(seen);
}

type Standing = 'attached' | 'detached' | 'gone';

function standingOf(record: ClusterRecord, voter: Voter, primary: string, seen: Observation): Standing {
  const instance = record.instances.find((i) => i.id === voter.instance);
  if (instance?.intent !== 'run' || !instance.task) return 'gone';
  const status = statusOf(record, voter.instance, seen);
  if (!status) return isAbsent(record, voter.instance, seen) ? 'gone' : 'attached';
  if (!sameVoter(voter, voterOf(status)) || status.mysqld !== 'serving') return 'gone';
  return isAttached(record, status, primary) ? 'attached' : 'detached';
}

function joining(record: ClusterRecord, primary: string, voters: Voter[], seen: Observation): Voter[] {
  return record.instances.flatMap((instance) => {
    if (instance.intent !== 'run' || instance.id === primary || instance.id in record.barred) return [];
    const status = statusOf(record, instance.id, seen);
    const voter = isAttached(record, status, primary) ? voterOf(status) : undefined;
    return voter && !voters.some((v) => sameVoter(v, voter)) ? [voter] : [];
  });
}
