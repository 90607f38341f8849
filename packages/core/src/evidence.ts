/** What the statuses in ZooKeeper prove about a member. Absence counts only when our own view is reliable. */
import type { Status, Voter } from './documents.ts';
import type { ClusterRecord, Incarnation, Instance } from './record.ts';

export interface Observation {
  nowMs: number;
  statuses: ReadonlyMap<string, Status>;
  /** Our own ZooKeeper session has been up for a full session timeout, so a missing status is evidence. */
  absenceCounts: boolean;
  /** ZooKeeper session timeout of the executors. */
  memberSessionTimeoutMs: number;
  /** How long an agent may stay away before its instance is replaced. */
  replacementTimeoutMs: number;
}

/** The status of the instance's current task; what an earlier task left behind says nothing. */
export function statusOf(record: ClusterRecord, id: string, seen: Observation): Status | undefined {
  const instance = record.instances.find((i) => i.id === id);
  const status = seen.statuses.get(id);
  return instance?.task && status?.taskId === instance.task.id ? status : undefined;
}

/** Why this run of mysqld can no longer be primary, or undefined while nothing speaks against it. */
export function lossOf(record: ClusterRecord, run: Incarnation, seen: Observation): string | undefined {
  const instance = record.instances.find((i) => i.id === run.instance);
  if (!instance?.task || instance.task.id !== run.taskId)
    return `the task of ${run.instance} ended${instance?.lastFailure ? ` (${instance.lastFailure})` : ''}`;
  const status = statusOf(record, run.instance, seen);
  if (!status) return seen.absenceCounts ? `${run.instance} lost its ZooKeeper session` : undefined;
  if (status.mysqld === 'down' || status.incarnation !== run.incarnation)
    return `mysqld of ${run.instance} died`;
  return undefined;
}

/** A member that is up and answers, on a data directory that is ready. */
export function incarnationOf(instance: Instance, status: Status | undefined): Incarnation | undefined {
  if (!status?.data || !instance.task || status.mysqld !== 'serving') return undefined;
  return {
    instance: instance.id,
    taskId: instance.task.id,
    incarnation: status.incarnation,
    data: status.data,
  };
}

/** The replica follows `source` in this epoch and has caught up. */
export function isAttached(record: ClusterRecord, status: Status | undefined, source: string): boolean {
  const r = status?.replication;
  return (
    status?.mysqld === 'serving' &&
    r?.epoch === record.epoch &&
    r.source === source &&
    r.attached &&
    r.caughtUp
  );
}

export function voterOf(status: Status): Voter | undefined {
  return status.data ? { instance: status.instance, ...status.data } : undefined;
}

export function sameData(voter: Voter, status: Status | undefined): boolean {
  return status?.data?.volumeId === voter.volumeId && status.data.serverUuid === voter.serverUuid;
}

/** Attached, and its acknowledgements count. */
export function acknowledges(record: ClusterRecord, id: string, source: string, seen: Observation): boolean {
  const status = statusOf(record, id, seen);
  return id !== source && isAttached(record, status, source) && status?.replication?.semiSync === true;
}
