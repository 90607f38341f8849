/**
 * Elections: epoch E → E+1. Nothing here acts; the record says what every member has to do, and members answer
 * through their statuses. docs/clustering.md explains why each step keeps every acknowledged write.
 */
import type { Voter } from './documents.ts';
import { countBallot, reportedBy } from './ballot.ts';
import { openElectorate } from './electorate.ts';
import type { Observation } from './evidence.ts';
import { isFresh, isFromAnotherHistory, leadOf, statusOf, voterOf } from './evidence.ts';
import { containsGtidSet, parseGtidSet } from './gtid.ts';
import type { ClusterRecord, Election, Incarnation, Instance, Transition } from './record.ts';
import { ackCountOf, TRANSITIONS_MAX } from './record.ts';

/** Members that can answer have answered by then: before, nobody's report may be done without. */
export const REPORTS_GRACE_MS = 3_000;

/** How long a winner waits for siblings to acknowledge before it opens without them. */
export const SIBLING_GRACE_MS = 1_000;

/** Deposes the primary: from the next write of control on, nobody acknowledges anything. */
export function startElection(record: ClusterRecord, cause: string, seen: Observation): ClusterRecord {
  const statuses = record.instances.flatMap((i) => statusOf(record, i.id, seen) ?? []);
  const epoch = Math.max(record.epoch, ...statuses.map((s) => s.epoch)) + 1;
  // Above what members have seen, also in what an old copy of the record has forgotten.
  const nextGeneration = Math.max(record.nextGeneration, ...statuses.map((s) => s.generation + 1));
  return {
    ...record,
    phase: 'electing',
    epoch,
    epochId: seen.nonce,
    nextGeneration,
    primary: null,
    openedAtMs: null,
    switchover: null,
    election: {
      ...(record.election ?? newElection(record, epoch, seen)),
      cause,
      deposed: record.election?.deposed ?? record.primary,
      // Now or never: the next epoch is above all that shows the record to be an old copy.
      everyone: (record.election?.everyone ?? false) || isForgotten(record, seen),
      askedAtMs: seen.nowMs,
      waived: null,
      wonAtMs: null,
    },
  };
}

/** The record is an old copy: it knows neither what has been acknowledged since nor by whom. */
export function askEveryone(record: ClusterRecord, seen: Observation): ClusterRecord {
  const started = startElection(record, 'ZooKeeper was restored from an old copy', seen);
  return { ...started, election: started.election && { ...started.election, everyone: true } };
}

function newElection(record: ClusterRecord, epoch: number, seen: Observation): Election {
  return {
    id: `${record.uid}-e${epoch}`,
    cause: '',
    startedAtMs: seen.nowMs,
    steps: [{ step: 'deposed', atMs: seen.nowMs }],
    deposed: null,
    askedAtMs: seen.nowMs,
    forced: false,
    waived: null,
    everyone: false,
    wanted: null,
    wonAtMs: null,
  };
}

/** Members have seen epochs that this record never gave: it comes from an old copy. */
export function isForgotten(record: ClusterRecord, seen: Observation): boolean {
  return record.instances.some((i) => {
    const status = statusOf(record, i.id, seen);
    return status !== undefined && isFromAnotherHistory(record, status);
  });
}

/** A new cluster: the first instance that is up becomes primary, the others join as they come. */
export function formCluster(record: ClusterRecord, first: Incarnation, seen: Observation): ClusterRecord {
  const epoch = record.epoch + 1;
  const forming = {
    ...record,
    epoch,
    epochId: seen.nonce,
    election: { ...newElection(record, epoch, seen), cause: 'the cluster forms', steps: [] },
  };
  return openEpoch(forming, first, '', [], 0);
}

export function continueElection(record: ClusterRecord, seen: Observation): ClusterRecord {
  const election = record.election;
  if (!election) return startElection(record, 'there is no primary', seen);
  if (isOfEarlierLeader(record, seen)) return startElection(record, election.cause, seen);
  const ballot = countBallot(record, seen);
  if (ballot.kind !== 'won') {
    const waived = election.waived ?? waiverFor(record, election, seen);
    return waived === election.waived ? record : { ...record, election: { ...election, waived } };
  }
  const wanted = ackCountOf(record.spec);
  // With what a former primary has beyond its voters it can be a member again, and be one who acknowledges.
  for (const { winner, elected } of [ballot, ...ballot.others]) {
    const siblings = siblingsOf(record, winner, elected, seen);
    if (siblings.length < wanted) continue;
    const known = knownFor(won(record, election, seen), winner, elected);
    return openEpoch(known, winner, elected, wanted > 0 ? siblings : [], wanted);
  }
  const { winner, elected } = ballot;
  if (election.wonAtMs === null) return won(record, election, seen);
  if (seen.nowMs - election.wonAtMs < SIBLING_GRACE_MS && mayGetSiblings(record, winner, seen)) return record;
  if (record.spec.durability.minInSync === 0) return openEpoch(record, winner, elected, [], 0);
  // It may not go alone, so nothing is acknowledged yet; but those whose data have to be replaced need a source.
  const known = knownFor(record, winner, elected);
  return openEpoch(known, winner, elected, siblingsOf(record, winner, elected, seen), wanted);
}

/**
 * Reports that stood there when our connection began. In an old copy they may be of an election that was won since, by
 * one who writes in that very epoch: nobody but its members knows, so they are asked once more, in the next.
 */
function isOfEarlierLeader(record: ClusterRecord, seen: Observation): boolean {
  if (seen.absenceCounts) return false;
  return record.instances.some((i) => reportedBy(record, i.id, seen) && !isFresh(record, i.id, seen));
}

/**
 * What a restored record lists says nothing about what has been acknowledged since. Everybody was asked instead, and
 * only the winner is known to have all of it, until the new voters have caught up with it.
 */
function knownFor(record: ClusterRecord, winner: Incarnation, elected: string): ClusterRecord {
  if (!record.election?.everyone) return record;
  return openElectorate({ ...record, electorate: [] }, winner, elected, [], 0);
}

/** Somebody else is up, or comes up. The deposed one hardly ever fits by itself. */
function mayGetSiblings(record: ClusterRecord, winner: Incarnation, seen: Observation): boolean {
  const out = [winner.instance, record.election?.deposed?.instance];
  return record.instances.some((i) => !out.includes(i.id) && statusOf(record, i.id, seen) !== undefined);
}

/** By whose permission missing reports are done without now. */
function waiverFor({ spec }: ClusterRecord, election: Election, seen: Observation): string | null {
  const { forced, askedAtMs, startedAtMs } = election;
  if (seen.nowMs - askedAtMs < REPORTS_GRACE_MS) return null;
  if (forced) return 'an operator forced it';
  const isTimedOut = seen.nowMs - startedAtMs >= seen.electionTimeoutMs;
  return isTimedOut && spec.durability.policy === 'unsafe_available'
    ? 'the policy unsafe_available: the election timed out'
    : null;
}

function won(record: ClusterRecord, election: Election, seen: Observation): ClusterRecord {
  const steps = [...election.steps, { step: 'elected', atMs: seen.nowMs }];
  return { ...record, election: { ...election, steps, wonAtMs: election.wonAtMs ?? seen.nowMs } };
}

/**
 * Whoever answered in this epoch, serves, has nothing that the winner lacks, and lacks nothing that the winner can no
 * longer pass on: it can acknowledge from the start. All others may have to be rebuilt, which a voter may not.
 */
function siblingsOf(record: ClusterRecord, winner: Incarnation, elected: string, seen: Observation): Voter[] {
  const all = parseGtidSet(elected);
  const purged = reportedBy(record, winner.instance, seen)?.purged ?? parseGtidSet('');
  return record.instances.flatMap((i) => {
    if (i.intent !== 'run' || i.id === winner.instance) return [];
    const status = statusOf(record, i.id, seen);
    const holds = reportedBy(record, i.id, seen)?.holds;
    const fits = holds && containsGtidSet(all, holds) && containsGtidSet(holds, purged);
    const voter = status?.mysqld === 'serving' && fits && voterOf(status);
    return voter ? [voter] : [];
  });
}

/** One write persists primary, voters and count: nothing is acknowledged in this epoch before it. */
export function openEpoch(
  record: ClusterRecord,
  primary: Incarnation,
  elected: string,
  voters: Voter[],
  ackCount: number,
): ClusterRecord {
  const opened = openElectorate(record, primary, elected, voters, ackCount);
  // One that was to be removed is needed more than anybody now; whoever else is too many goes instead.
  const instances = opened.instances.map((i): Instance =>
    i.id === primary.instance ? { ...i, intent: 'run' } : i,
  );
  return { ...opened, instances, phase: 'steady', primary, elected, openedAtMs: null };
}

/** The elected primary was seen open for the first time: the transition is complete, for the audit. */
export function noteOpened(record: ClusterRecord, seen: Observation): ClusterRecord {
  const { election, primary } = record;
  if (record.openedAtMs !== null || !primary || !leadOf(record, seen)) return record;
  const opened = { ...record, openedAtMs: seen.nowMs, election: null };
  if (!election) return noteTakenOver(opened, seen);
  return addTransition(opened, {
    id: election.id,
    kind: election.deposed ? 'failover' : 'formation',
    epoch: record.epoch,
    cause: election.cause,
    outcome: election.waived ? 'unsafe' : 'ok',
    detail: election.waived ?? '',
    from: election.deposed?.instance ?? null,
    to: primary.instance,
    startedAtMs: election.startedAtMs,
    endedAtMs: seen.nowMs,
    steps: [...election.steps, { step: 'opened', atMs: seen.nowMs }],
  });
}

/** The last step of a switchover comes after its decision. */
function noteTakenOver(record: ClusterRecord, seen: Observation): ClusterRecord {
  const last = record.transitions.at(-1);
  if (last?.kind !== 'switchover' || last.outcome !== 'ok' || last.epoch !== record.epoch) return record;
  const steps = [...last.steps, { step: 'opened', atMs: seen.nowMs }];
  const taken = { ...last, endedAtMs: seen.nowMs, steps };
  return { ...record, transitions: [...record.transitions.slice(0, -1), taken] };
}

export function addTransition(record: ClusterRecord, transition: Transition): ClusterRecord {
  return { ...record, transitions: [...record.transitions, transition].slice(-TRANSITIONS_MAX) };
}
