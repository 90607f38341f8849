/**
 * The one decision: `decide(record, observation)` looks at what is remembered and what is seen, and says what to
 * remember next. The shell persists that (with the control document, in one fenced write), then acts.
 */
import { currentGeneration, dropSettled, isSettled } from './electorate.ts';
import {
  askEveryone,
  continueElection,
  formCluster,
  isForgotten,
  noteOpened,
  REPORTS_GRACE_MS,
  SIBLING_GRACE_MS,
  startElection,
} from './election.ts';
import type { Observation } from './evidence.ts';
import { incarnationOf, statusOf } from './evidence.ts';
import { adoptLaterTasks } from './later-tasks.ts';
import { detachGraceMs, isStuck, keepElectorate, STUCK_MS } from './in-sync.ts';
import { lossOf } from './loss.ts';
import { adjustMembership, tasksToKill } from './membership.ts';
import type { ClusterRecord, Instance } from './record.ts';
import { ackCountOf } from './record.ts';
import { continueSwitchover } from './switchover.ts';

export interface Kill {
  taskId: string;
  agentId: string;
}

export interface Decision {
  /** The same object when nothing changed. */
  record: ClusterRecord;
  kills: Kill[];
  /** Deleted and nothing of it left: forget the record, its control and its discovery. */
  finished: boolean;
  /** Look again at this time even if nothing happens; null: only when something does. */
  wakeAtMs: number | null;
}

/** More turns than any chain of decisions needs; a longer one is a bug. */
const TURNS_MAX = 16;

/** Decides until nothing more follows from what is seen. */
export function decide(record: ClusterRecord, seen: Observation): Decision {
  let current = record;
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const next = decideOnce(current, seen);
    if (next === current) return { record: current, ...consequences(current, seen) };
    current = next;
  }
  throw new Error(`the decision on cluster ${record.uid} does not settle (phase ${current.phase})`);
}

function decideOnce(record: ClusterRecord, seen: Observation): ClusterRecord {
  const adopted = adoptLaterTasks(record, seen);
  if (record.phase !== 'deleting') {
    // Before anybody is found to be too many or lost: what an old copy says of that is not true any more.
    if (adopted !== record || isForgotten(record, seen)) return askEveryone(adopted, seen);
  } else if (adopted !== record) return adopted;
  const adjusted = adjustMembership(noteSeeded(record, seen), seen);
  if (adjusted !== record) return adjusted;
  switch (record.phase) {
    case 'deleting':
      return record;
    case 'forming':
      return form(record, seen);
    case 'electing':
      return continueElection(record, seen);
    case 'switching':
      return continueSwitchover(dropSettled(record, seen), seen);
    case 'steady':
      return keepSteady(record, seen);
  }
}

/** Data that a status speaks of is on the instance's volume, whether or not Mesos has told of the task yet. */
function noteSeeded(record: ClusterRecord, seen: Observation): ClusterRecord {
  const fresh = record.instances.filter(
    (i) => i.home && !i.home.seeded && statusOf(record, i.id, seen)?.data,
  );
  if (fresh.length === 0) return record;
  const seed = (i: Instance): Instance =>
    fresh.includes(i) && i.home ? { ...i, home: { ...i.home, seeded: true } } : i;
  return { ...record, instances: record.instances.map(seed) };
}

/** Whoever is up first; there is nothing to lose yet. */
function form(record: ClusterRecord, seen: Observation): ClusterRecord {
  for (const instance of record.instances) {
    const status = statusOf(record, instance.id, seen);
    const first = instance.intent === 'run' && incarnationOf(instance, status);
    if (first) return formCluster(record, first, seen);
  }
  return record;
}

function keepSteady(record: ClusterRecord, seen: Observation): ClusterRecord {
  if (!record.primary) return startElection(record, 'there is no primary', seen);
  const loss = lossOf(record, record.primary, seen);
  if (loss) return record.spec.hold ? record : startElection(record, loss, seen);
  const noted = noteOpened(dropSettled(record, seen), seen);
  if (isStuck(noted, seen))
    return startElection(
      noted,
      `${record.primary.instance} gets no acknowledgements and may not go on alone`,
      seen,
    );
  return noteFormed(keepElectorate(noted, seen), seen);
}

function noteFormed(record: ClusterRecord, seen: Observation): ClusterRecord {
  if (record.formedAtMs !== null || !isSettled(record)) return record;
  const { voters, ackCount } = currentGeneration(record) ?? { voters: [], ackCount: 0 };
  const wanted = ackCountOf(record.spec);
  const complete =
    record.openedAtMs !== null &&
    record.instances.filter((i) => i.intent === 'run').length === record.spec.nodes &&
    (wanted === 0 || voters.length === record.spec.nodes - 1);
  return complete && ackCount === wanted ? { ...record, formedAtMs: seen.nowMs } : record;
}

function consequences(record: ClusterRecord, seen: Observation): Omit<Decision, 'record'> {
  const timers = [
    ...electionTimers(record, seen),
    record.switchover?.deadlineAtMs ?? null,
    record.openedAtMs === null ? null : record.openedAtMs + STUCK_MS,
    ...Object.values(record.detachedSinceMs).map((since) => since + detachGraceMs(seen)),
    ...record.instances.map((i) =>
      i.awaySinceMs === null ? null : i.awaySinceMs + seen.replacementTimeoutMs,
    ),
  ].filter((at): at is number => at !== null && at > seen.nowMs);
  return {
    kills: tasksToKill(record),
    finished: record.phase === 'deleting' && record.instances.length === 0,
    wakeAtMs: timers.length > 0 ? Math.min(...timers) : null,
  };
}

function electionTimers({ phase, election }: ClusterRecord, seen: Observation): (number | null)[] {
  if (phase !== 'electing' || !election) return [];
  const { startedAtMs, askedAtMs, wonAtMs } = election;
  return [
    startedAtMs + seen.electionTimeoutMs,
    askedAtMs + REPORTS_GRACE_MS,
    wonAtMs === null ? null : wonAtMs + SIBLING_GRACE_MS,
  ];
}
