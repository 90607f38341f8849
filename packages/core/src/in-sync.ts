/**
 * Who acknowledges writes, and how many acknowledgements a commit waits for, while the primary serves.
 * Plain form: K while K replicas acknowledge, otherwise none (shown as DEGRADED).
 */
import type { Voter } from './documents.ts';
import type { Observation } from './evidence.ts';
import { acknowledges, isAttached, sameData, statusOf, voterOf } from './evidence.ts';
import type { ClusterRecord } from './record.ts';
import { wantedAckCount } from './record.ts';

/**
 * A dying primary detaches its replicas a moment before its own executor reports the death. Letting them leave at
 * once would dissolve the electorate that must replace it, so a detached voter stays for this long.
 */
export const DETACH_GRACE_MS = 2_000;

export function keepInSync(record: ClusterRecord, primary: string, seen: Observation): ClusterRecord {
  const detachedSinceMs: Record<string, number> = {};
  const stay = record.inSync.filter((voter) => {
    const standing = standingOf(record, voter, primary, seen);
    if (standing !== 'detached') return standing === 'attached';
    const since = record.detachedSinceMs[voter.instance] ?? seen.nowMs;
    detachedSinceMs[voter.instance] = since;
    return seen.nowMs - since < DETACH_GRACE_MS;
  });
  const join = joining(record, primary, stay, seen);
  const inSync = [...stay, ...join];
  const ackCount = ackCountFor(record, countAcknowledging(record, inSync, primary, detachedSinceMs, seen));
  const next = { ...record, inSync, ackCount, detachedSinceMs };
  return same(record, next) ? record : next;
}

/** K while K replicas acknowledge, otherwise none. */
export function ackCountFor(record: ClusterRecord, acknowledging: number): number {
  const wanted = wantedAckCount(record.spec.nodes);
  return acknowledging >= wanted ? wanted : 0;
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
  const key = (r: ClusterRecord) => JSON.stringify([r.inSync, r.ackCount, r.detachedSinceMs]);
  return key(a) === key(b);
}
