/**
 * Who acknowledges writes, and how many acknowledgements a commit waits for, while the primary serves.
 * Plain form: K while K replicas acknowledge, otherwise none (shown as DEGRADED).
 */
import type { Voter } from './documents.ts';
import type { Observation } from './evidence.ts';
import { acknowledges, isAttached, sameData, statusOf, voterOf } from './evidence.ts';
import type { ClusterRecord } from './record.ts';
import { wantedAckCount } from './record.ts';

/** ZooKeeper tells an expiry up to a tick and a round of heartbeats later. */
export const EXPIRY_SLACK_MS = 2_000;

/**
 * How long a voter that lost its source stays one. A host that dies detaches its replicas at once, but its own status
 * node tells of its death only a session timeout later: letting them leave before that would dissolve the electorate
 * that must replace it. A voter whose own mysqld, task or status is gone leaves without delay.
 */
export function detachGraceMs(seen: Observation): number {
  return 2 * seen.memberSessionTimeoutMs + EXPIRY_SLACK_MS;
}

export function keepInSync(record: ClusterRecord, primary: string, seen: Observation): ClusterRecord {
  const detachedSinceMs: Record<string, number> = {};
  const stay = record.inSync.filter((voter) => {
    const standing = standingOf(record, voter, primary, seen);
    if (standing !== 'detached') return standing === 'attached';
    const since = record.detachedSinceMs[voter.instance] ?? seen.nowMs;
    detachedSinceMs[voter.instance] = since;
    return seen.nowMs - since < detachGraceMs(seen);
  });
  const join = joining(record, primary, stay, seen);
  const inSync = [...stay, ...join];
  const ackCount = ackCountFor(record, countAcknowledging(record, inSync, primary, detachedSinceMs, seen));
  const next = {
    ...record,
    inSync,
    ackCount,
    confirmedAckCount: confirmed(record, ackCount, primary, seen),
    detachedSinceMs,
  };
  return same(record, next) ? record : next;
}

/** K while K replicas acknowledge, otherwise none. */
export function ackCountFor(record: ClusterRecord, acknowledging: number): number {
  const wanted = wantedAckCount(record.spec.nodes);
  return acknowledging >= wanted ? wanted : 0;
}

/**
 * What an election may rely on. Lowering counts at once. Raising counts when the primary reports it: it does so after a
 * transaction of its own was acknowledged by that many, and replication being a sequence, they hold all before it.
 */
function confirmed(record: ClusterRecord, ackCount: number, primary: string, seen: Observation): number {
  const reported = statusOf(record, primary, seen);
  const inForce = reported?.epoch === record.epoch ? (reported.ackCount ?? 0) : 0;
  return Math.min(ackCount, Math.max(record.confirmedAckCount, inForce));
}

type Standing = 'attached' | 'detached' | 'gone';

function standingOf(record: ClusterRecord, voter: Voter, primary: string, seen: Observation): Standing {
  const instance = record.instances.find((i) => i.id === voter.instance);
  if (instance?.intent !== 'run' || !instance.task) return 'gone';
  const status = statusOf(record, voter.instance, seen);
  if (!status) return seen.absenceCounts ? 'gone' : 'attached';
  if (!sameData(voter, status) || status.mysqld !== 'serving') return 'gone';
  return isAttached(record, status, primary) ? 'attached' : 'detached';
}

function joining(record: ClusterRecord, primary: string, stay: Voter[], seen: Observation): Voter[] {
  return record.instances.flatMap((instance) => {
    if (instance.intent !== 'run' || instance.id === primary) return [];
    if (stay.some((v) => v.instance === instance.id)) return [];
    const status = statusOf(record, instance.id, seen);
    const voter = status && isAttached(record, status, primary) ? voterOf(status) : undefined;
    return voter ? [voter] : [];
  });
}

/** Absent statuses and voters within their grace count as they did: only evidence lowers the number. */
function countAcknowledging(
  record: ClusterRecord,
  inSync: Voter[],
  primary: string,
  detachedSinceMs: Record<string, number>,
  seen: Observation,
): number {
  const counted = inSync.filter(
    (v) =>
      acknowledges(record, v.instance, primary, seen) ||
      (record.ackCount > 0 && v.instance in detachedSinceMs) ||
      (record.ackCount > 0 && !statusOf(record, v.instance, seen)),
  );
  return counted.length;
}

function same(a: ClusterRecord, b: ClusterRecord): boolean {
  const key = (r: ClusterRecord) =>
    JSON.stringify([r.inSync, r.ackCount, r.confirmedAckCount, r.detachedSinceMs]);
  return key(a) === key(b);
}
