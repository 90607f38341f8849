/**
 * Tasks that a record does not know, because it is an old copy (ZooKeeper restored): launched after the copy was made,
 * they run, hold their members' data, and tell of themselves in their statuses.
 */
import type { Place, Status } from './documents.ts';
import type { Observation } from './evidence.ts';
import { ordinalOf, runOf } from './identity.ts';
import type { ClusterRecord, Instance } from './record.ts';
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

/** Of a task that is not adopted yet: news of it come too early to be understood. */
export function mayBeLater(record: ClusterRecord, task: string): boolean {
  const run = runOf(record.uid, task);
  if (!run) return false;
  const instance = record.instances.find((i) => i.id === run.instance) ?? laterInstance(record, run.instance);
  return instance !== undefined && run.attempt > instance.attempts;
}

function adopt(record: ClusterRecord, status: Status, nowMs: number): ClusterRecord {
  const { place } = status;
  const run = runOf(record.uid, status.taskId);
  const known = record.instances.find((i) => i.id === status.instance);
  const instance = known ?? laterInstance(record, status.instance);
  if (!isWhole(place) || run?.instance !== status.instance || !instance) return record;
  if (!isLater(instance, run.attempt, place)) return record;
  const adopted: Instance = {
    ...instance,
    attempts: run.attempt,
    home: { ...place, seeded: true },
    task: { id: status.taskId, agentId: place.agentId, state: 'running', startedAtMs: nowMs, message: '' },
    failures: 0,
    retryAtMs: 0,
    awaySinceMs: null,
  };
  const instances = [...record.instances.filter((i) => i !== instance), adopted];
  instances.sort((a, b) => a.ordinal - b.ordinal);
  return known ? { ...record, instances } : withRoomFor(adopted, { ...record, instances });
}

/** Statuses come from outside: what a home is made of has to be there. */
function isWhole(place: Partial<Place> | undefined): place is Place {
  const { agentId, hostname, address, volumeId, port, httpPort } = place ?? {};
  const isNamed = [agentId, hostname, address, volumeId].every((name) => typeof name === 'string');
  return isNamed && Number.isInteger(port) && Number.isInteger(httpPort);
}

/** The same number on another volume than this record has given it: the copy has only now come as far. */
function isLater({ attempts, home }: Instance, attempt: number, { volumeId }: Place): boolean {
  return attempt > attempts || (attempt === attempts && home !== null && home.volumeId !== volumeId);
}

/** A member that was added after the copy. One of a number that this record gave was removed, and has only not left yet. */
function laterInstance(
  { name, nextOrdinal, passedOver }: ClusterRecord,
  instance: string,
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
