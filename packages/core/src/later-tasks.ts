/**
 * Tasks that a record does not know, because it is an old copy (ZooKeeper restored): launched after the copy was made,
 * they run, hold their members' data, and tell of themselves in their statuses.
 */
import type { DataIdentity, Status } from './documents.ts';
import type { Observation } from './evidence.ts';
import { attemptOf, ordinalOf } from './identity.ts';
import type { ClusterRecord, Home, Instance } from './record.ts';
import { newInstance } from './record.ts';

/**
 * The record with all tasks that it never gave, whose numbers no launch of its own has reached. Taken for what they
 * are they can be asked what they hold; else their members would be started anew without data, or waited for for ever,
 * because their volumes are in use.
 */
export function adoptLaterTasks(record: ClusterRecord, seen: Observation): ClusterRecord {
  let current = record;
  for (const status of seen.statuses.values()) current = adopt(current, status, seen);
  return current;
}

function adopt(record: ClusterRecord, status: Status, seen: Observation): ClusterRecord {
  const attempt = attemptOf(record.uid, status.instance, status.taskId);
  if (attempt === undefined || !status.data) return record;
  const instance =
    record.instances.find((i) => i.id === status.instance) ?? laterInstance(record, status, seen);
  if (!instance || !isLater(instance, attempt, status.data)) return record;
  const adopted: Instance = {
    ...instance,
    attempts: attempt,
    home: homeOf(instance, status.data.volumeId),
    // Its agent may have another id by now than the record knows; Mesos will say.
    task: { id: status.taskId, agentId: '', state: 'running', startedAtMs: seen.nowMs, message: '' },
    failures: 0,
    retryAtMs: 0,
    awaySinceMs: null,
  };
  return {
    ...record,
    nextOrdinal: Math.max(record.nextOrdinal, adopted.ordinal + 1),
    instances: [...record.instances.filter((i) => i !== instance), adopted].sort(
      (a, b) => a.ordinal - b.ordinal,
    ),
  };
}

/** The same number on another volume than this record has given it: the copy has only now come as far. */
function isLater({ attempts, home }: Instance, attempt: number, { volumeId }: DataIdentity): boolean {
  return attempt > attempts || (attempt === attempts && home !== null && home.volumeId !== volumeId);
}

/**
 * A member that was added after the copy. One of a number already given was removed, and has only not left yet; or was
 * passed over when one after it came first, and is still there when whoever has left is gone.
 */
function laterInstance(
  { name, nextOrdinal, election }: ClusterRecord,
  { instance }: Status,
  { absenceCounts }: Observation,
): Instance | undefined {
  const ordinal = ordinalOf(name, instance);
  if (ordinal === undefined) return undefined;
  const isLater = ordinal >= nextOrdinal || (election?.everyone === true && absenceCounts);
  return isLater ? newInstance(name, ordinal) : undefined;
}

/** Where it lives the record may know; else only by the name of its volume, and it has to be started there anew. */
function homeOf({ home }: Instance, volumeId: string): Home {
  if (home?.volumeId === volumeId) return { ...home, seeded: true };
  return { agentId: '', hostname: '', address: '', port: 0, httpPort: 0, volumeId, seeded: true };
}
