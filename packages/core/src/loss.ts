/** When a primary counts as lost. */
import { currentGeneration } from './electorate.ts';
import type { Observation } from './evidence.ts';
import { isAbsent, statusOf, voterOf } from './evidence.ts';
import { sameVoter } from './duty.ts';
import type { ClusterRecord, Incarnation } from './record.ts';

/** Why this life of mysqld can no longer be primary, or undefined while nothing speaks against it. */
export function lossOf(record: ClusterRecord, run: Incarnation, seen: Observation): string | undefined {
  const instance = record.instances.find((i) => i.id === run.instance);
  if (!instance?.task || instance.task.id !== run.taskId)
    return `the task of ${run.instance} ended${instance?.lastFailure ? ` (${instance.lastFailure})` : ''}`;
  const status = statusOf(record, run.instance, seen);
  if (!status)
    return isOutOfSight(record, seen) && !isServing(record, seen)
      ? `${run.instance} lost its ZooKeeper session`
      : undefined;
  // `down` itself may never be seen: statuses that follow each other quickly are skipped, and the next life starts at once.
  if (status.mysqld !== 'serving' || status.incarnation !== run.incarnation)
    return `mysqld of ${run.instance} died`;
  return undefined;
}

/** For all that is proven, it may acknowledge by itself: an election would need its own report. */
export function mayBeAlone({ electorate, primary }: ClusterRecord): boolean {
  return electorate.some((g) => g.ackCount === 0 && g.primary.instance === primary?.instance);
}

/** The primary's status is missing, and that means something. */
export function isOutOfSight(record: ClusterRecord, seen: Observation): boolean {
  return record.primary !== null && isAbsent(record, record.primary.instance, seen);
}

/**
 * A primary out of sight that can still have its writes acknowledged is cut off from ZooKeeper only: it serves, and a
 * failover would harm. Alone (k = 0) nobody else has what it has, so there is nobody to fail over to.
 */
function isServing(record: ClusterRecord, seen: Observation): boolean {
  const current = currentGeneration(record);
  if (!current || mayBeAlone(record)) return true;
  const hearing = current.voters.filter((voter) => {
    const status = statusOf(record, voter.instance, seen);
    // A ZooKeeper that itself stood still loses many sessions at once: whoever has none yet may hear it all the same.
    if (!status && !seen.absenceCounts) return true;
    const r = status?.replication;
    return sameVoter(voter, voterOf(status)) && r?.epoch === record.epoch && r.attached && r.hears;
  });
  return hearing.length >= current.ackCount;
}
