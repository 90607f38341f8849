/** What the statuses in ZooKeeper prove about a member. Absence counts only when our own view is reliable. */
import type { DataIdentity, LeadStatus, Status, Voter } from './documents.ts';
import { sameVoter } from './duty.ts';
import type { ClusterRecord, Incarnation, Instance } from './record.ts';

export interface Observation {
  nowMs: number;
  /** Random; becomes the id of an epoch that begins now. */
  nonce: string;
  statuses: ReadonlyMap<string, Status>;
  /** Whose status was seen to change, to come or to go on our present connection: that is no old copy's doing. */
  fresh: ReadonlySet<string>;
  /** Our own ZooKeeper session has been up for a full session timeout, so a missing status is evidence. */
  absenceCounts: boolean;
  /** ZooKeeper session timeout of the executors. */
  memberSessionTimeoutMs: number;
  /** How long an agent may stay away before its instance is replaced. */
  replacementTimeoutMs: number;
  /** After this long an election under `unsafe_available` does without the missing reports. */
  electionTimeoutMs: number;
}

/** The status of the instance's current task; what an earlier task left behind says nothing. */
export function statusOf(record: ClusterRecord, id: string, seen: Observation): Status | undefined {
  const instance = record.instances.find((i) => i.id === id);
  const status = seen.statuses.get(id);
  return instance?.task && status?.taskId === instance.task.id ? status : undefined;
}

/**
 * Its status is missing, and that means something. One that was seen to vanish means it at once: ZooKeeper had waited
 * for the member for a whole session timeout, or the member itself took leave.
 */
export function isAbsent(record: ClusterRecord, id: string, seen: Observation): boolean {
  if (statusOf(record, id, seen)) return false;
  return seen.absenceCounts || (seen.fresh.has(id) && !seen.statuses.has(id));
}

/** What its volume knows was told on our present connection. While it is `preparing` it has not read its volume. */
export function isFresh(record: ClusterRecord, id: string, seen: Observation): boolean {
  const status = statusOf(record, id, seen);
  return seen.fresh.has(id) && status !== undefined && status.mysqld !== 'preparing';
}

/** It has acted in the epoch the record is in, not in another one of the same number. */
export function isInEpoch(record: ClusterRecord, status: Status): boolean {
  return status.epoch === record.epoch && status.epochId === record.epochId;
}

/** What the elected life of the primary says of itself in this epoch; undefined while it is not open. */
export function leadOf(record: ClusterRecord, seen: Observation): LeadStatus | undefined {
  const { primary } = record;
  const status = primary && statusOf(record, primary.instance, seen);
  const isElected = status?.incarnation === primary?.incarnation && status?.mysqld === 'serving';
  return isElected && status?.lead?.epoch === record.epoch && isInEpoch(record, status)
    ? status.lead
    : undefined;
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
    isInEpoch(record, status) &&
    r?.epoch === record.epoch &&
    r.source === source &&
    r.attached &&
    r.caughtUp
  );
}

/** It acknowledges what it receives from the primary, as the electorate in force asks it to. */
export function acknowledges(
  record: ClusterRecord,
  voter: Voter,
  source: string,
  seen: Observation,
): boolean {
  const status = statusOf(record, voter.instance, seen);
  return sameVoter(voter, voterOf(status)) && isAttached(record, status, source) && status?.acks?.on === true;
}

export function voterOf(status: Status | undefined): Voter | undefined {
  const { data, instance, bootId } = status ?? {};
  return data && instance !== undefined && bootId !== undefined ? { instance, ...data, bootId } : undefined;
}

export function sameData(a: DataIdentity, b: DataIdentity | null | undefined): boolean {
  return a.volumeId === b?.volumeId && a.serverUuid === b.serverUuid;
}

/** A status whose epoch or generation the record cannot have given: the record is older than what members have seen. */
export function isFromAnotherHistory(record: ClusterRecord, status: Status): boolean {
  if (status.epoch > record.epoch || status.generation >= record.nextGeneration) return true;
  return status.epoch === record.epoch && !isInEpoch(record, status);
}
