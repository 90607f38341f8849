/**
 * Tasks that a record does not know, because it is an old copy (ZooKeeper restored): launched after the copy was made,
 * they run, hold their members' data, and tell of themselves in their statuses.
 */
import type { DataIdentity, Place, Status } from './documents.ts';
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
  for (const status of seen.statuses.values()) current = adopt(current, status, seen.nowMs);
  return current;
}

function adopt(record: ClusterRecord, status: Status, nowMs: number): ClusterRecord {
  const attempt = attemptOf(record.uid, status.instance, status.taskId);
  if (attempt === undefined || !status.data) return record;
  const known = record.instances.find((i) => i.id === status.instance);
  const instance = known ?? laterInstance(record, status);
  if (!instance || !isLater(instance, attempt, status.data)) return record;
  const adopted: Instance = {
    ...instance,
    attempts: attempt,
    home: homeOf(instance, status.place, status.data),
    // Its agent may have another id by now than the record knows; Mesos will say.
    task: { id: status.taskId, agentId: '', state: 'running', startedAtMs: nowMs, message: '' },
    failures: 0,
    retryAtMs: 0,
    awaySinceMs: null,
  };
  const instances = [...record.instances.filter((i) => i !== instance), adopted];
  instances.sort((a, b) => a.ordinal - b.ordinal);
  return known ? { ...record, instances } : withRoomFor(adopted, { ...record, instances });
}

/** The same number on another volume than this record has given it: the copy has only now come as far. */
function isLater({ attempts, home }: Instance, attempt: number, { volumeId }: DataIdentity): boolean {
  return attempt > attempts || (attempt === attempts && home !== null && home.volumeId !== volumeId);
}

/** A member that was added after the copy. One of a number that this record gave was removed, and has only not left yet. */
function laterInstance(
  { name, nextOrdinal, passedOver }: ClusterRecord,
  { instance }: Status,
): Instance | undefined {
  const ordinal = ordinalOf(name, instance);
  if (ordinal === undefined || (ordinal < nextOrdinal && !passedOver.includes(ordinal))) return undefined;
  return newInstance(name, ordinal);
}

/** How many are wanted the old copy does not know: nobody is found to be too many before somebody says so anew. */
function withRoomFor({ ordinal }: Instance, record: ClusterRecord): ClusterRecord {
  const { nextOrdinal, spec, instances } = record;
  const between = Array.from({ length: Math.max(0, ordinal - nextOrdinal) }, (_, k) => nextOrdinal + k);
  const running = instances.filter((i) => i.intent === 'run').length;
  return {
    ...record,
    spec: { ...spec, nodes: Math.max(spec.nodes, running) },
    nextOrdinal: Math.max(nextOrdinal, ordinal + 1),
    passedOver: [...record.passedOver.filter((o) => o !== ordinal), ...between],
  };
}

function homeOf({ home }: Instance, { host, port, httpPort }: Place, { volumeId }: DataIdentity): Home {
  if (home?.volumeId === volumeId) return { ...home, seeded: true };
  return { agentId: '', hostname: host, address: '', port, httpPort, volumeId, seeded: true };
}
