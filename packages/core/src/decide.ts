/**
 * The one decision: `decide(record, observation)` looks at what is remembered and what is seen, and says what to
 * remember next. The shell persists that (with the control document, in one fenced write), then acts.
 */
import {
  continuePromotion,
  countBallot,
  SIBLING_GRACE_MS,
  startElection,
  startPromotion,
} from './election.ts';
import type { Observation } from './evidence.ts';
import { incarnationOf, lossOf, statusOf } from './evidence.ts';
import { ackCountFor, detachGraceMs, keepInSync } from './in-sync.ts';
import { adjustMembership, tasksToKill } from './membership.ts';
import type { ClusterRecord, Instance } from './record.ts';

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
  const adjusted = adjustMembership(noteSeeded(record, seen), seen);
  if (adjusted !== record) return adjusted;
  switch (record.phase) {
    case 'forming':
      return form(record, seen);
    case 'electing':
      return continueElection(record, seen);
    case 'promoting':
      return continuePromotion(record, seen);
    case 'steady':
      return keepSteady(record, seen);
    case 'deleting':
      return record;
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

/** A new cluster: the first instance that is up becomes primary, the others join as they come. */
function form(record: ClusterRecord, seen: Observation): ClusterRecord {
  for (const instance of record.instances) {
    const status = statusOf(record, instance.id, seen);
    const first = instance.intent === 'run' && incarnationOf(instance, status);
    if (first) return startPromotion({ ...record, epoch: record.epoch + 1 }, first, '', seen.nowMs);
  }
  return record;
}

function continueElection(record: ClusterRecord, seen: Observation): ClusterRecord {
  // A promotion that failed before any primary ever opened: there is nothing to lose, form again.
  if (!record.election?.deposed) return { ...record, phase: 'forming', election: null };
  const ballot = countBallot(record, seen);
  return ballot.kind === 'won' ? startPromotion(record, ballot.winner, ballot.elected, seen.nowMs) : record;
}

function keepSteady(record: ClusterRecord, seen: Observation): ClusterRecord {
  if (!record.primary) return startElection(record, 'there is no primary', seen.nowMs);
  const loss = lossOf(record, record.primary, seen);
  if (loss) return startElection(record, loss, seen.nowMs);
  return noteFormed(keepInSync(record, record.primary.instance, seen), seen);
}

function noteFormed(record: ClusterRecord, seen: Observation): ClusterRecord {
  const complete =
    record.inSync.length === record.spec.nodes - 1 && record.instances.length === record.spec.nodes;
  return record.formedAtMs === null && complete && record.confirmedAckCount === ackCountFor(record, Infinity)
    ? { ...record, formedAtMs: seen.nowMs }
    : record;
}

function consequences(record: ClusterRecord, seen: Observation): Omit<Decision, 'record'> {
  const timers = [
    graceEnd(record),
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

function graceEnd(record: ClusterRecord): number | null {
  const appliedAtMs = record.election?.appliedAtMs ?? null;
  return appliedAtMs === null ? null : appliedAtMs + SIBLING_GRACE_MS;
}
