/** How many instances a cluster has, and which: growing, shrinking, replacing, deleting. */
import type { Kill } from './decide.ts';
import { isNeeded, isVoter } from './electorate.ts';
import type { Observation } from './evidence.ts';
import { leadOf } from './evidence.ts';
import type { ClusterRecord, Instance } from './record.ts';
import { newInstance } from './record.ts';

/** The record with its instances brought towards what is wanted; the same object when they already are. */
export function adjustMembership(record: ClusterRecord, seen: Observation): ClusterRecord {
  return (
    forgetReleased(record) ??
    (record.phase === 'deleting' ? removeAll(record) : (replaceLost(record, seen) ?? resize(record))) ??
    record
  );
}

/** Tasks that must end. KILL is best effort, so the shell repeats these until Mesos says that they did. */
export function tasksToKill(record: ClusterRecord): Kill[] {
  return record.instances.flatMap((i) =>
    isUnneeded(record, i) && i.task ? [{ taskId: i.task.id, agentId: i.task.agentId }] : [],
  );
}

/** It may be taken away now: what it holds, an election no longer depends on. */
export function isUnneeded(record: ClusterRecord, instance: Instance): boolean {
  return instance.intent === 'remove' && !isNeeded(record, instance.id);
}

/** It is to have a task, or to get one again: also one that is to go, while an election has to ask it what it holds. */
export function wantsTask(record: ClusterRecord, instance: Instance): boolean {
  if (instance.intent === 'run') return true;
  return record.phase === 'electing' && instance.home?.seeded === true && isNeeded(record, instance.id);
}

/**
 * Nothing of it runs, as far as anybody can see, and something of it may still be reserved. A task that is out of sight
 * counts: once its agent is back under another id, Mesos goes on calling it unreachable, for weeks.
 */
export function awaitsRelease({ intent, task, home }: Instance): boolean {
  return intent === 'remove' && home !== null && (task === null || task.state === 'unreachable');
}

/**
 * This agent is where it lived, and shows all that is left of it there. Under the id that the task knows, the agent
 * may bring the task back; under another one it knows nothing of it.
 */
export function showsWhatIsLeft(
  { task, home }: Instance,
  agent: { agentId: string; address: string },
): boolean {
  if (!home) return false;
  const isThere = home.address !== '' && agent.address === home.address;
  return task ? isThere && agent.agentId !== task.agentId : isThere || agent.agentId === home.agentId;
}

/** An instance may be forgotten once it has neither task nor home, that is, when nothing of it is left on an agent. */
function forgetReleased(record: ClusterRecord): ClusterRecord | undefined {
  const left = record.instances.filter((i) => i.intent === 'run' || i.task || i.home);
  return left.length < record.instances.length ? { ...record, instances: left } : undefined;
}

function removeAll(record: ClusterRecord): ClusterRecord | undefined {
  if (record.instances.every((i) => i.intent === 'remove')) return undefined;
  return remove(record, (i) => i.intent === 'run');
}

/**
 * An agent that stayed away too long: its instance is seeded anew elsewhere. Only while a primary serves, because
 * until then this instance may hold the only copy of an acknowledged write. The old volume is released when seen.
 */
function replaceLost(record: ClusterRecord, seen: Observation): ClusterRecord | undefined {
  // Its own word, and not what an old copy of ZooKeeper says of it: there the others may have been away as well.
  if (record.phase !== 'steady' || !seen.absenceCounts || !leadOf(record, seen)) return undefined;
  const lost = record.instances.find(
    (i) =>
      i.intent === 'run' &&
      i.id !== record.primary?.instance &&
      i.awaySinceMs !== null &&
      seen.nowMs - i.awaySinceMs >= seen.replacementTimeoutMs,
  );
  return lost && remove(record, (i) => i === lost);
}

function resize(record: ClusterRecord): ClusterRecord | undefined {
  const running = record.instances.filter((i) => i.intent === 'run');
  if (running.length < record.spec.nodes) return grow(record, record.spec.nodes - running.length);
  const surplus = leastNeeded(record, running).slice(0, Math.max(0, running.length - record.spec.nodes));
  return surplus.length > 0 ? remove(record, (i) => surplus.includes(i)) : undefined;
}

function grow(record: ClusterRecord, count: number): ClusterRecord {
  const added = Array.from({ length: count }, (_, k) => newInstance(record.name, record.nextOrdinal + k));
  return { ...record, nextOrdinal: record.nextOrdinal + count, instances: [...record.instances, ...added] };
}

/**
 * Whom to take away, in this order: never the primary; first those that hold no data, then those out of sync, then the youngest.
 * While there is no primary only the first kind, because any other may be about to be elected; and nobody while
 * everybody is asked, because an old copy does not know who holds data.
 */
function leastNeeded(record: ClusterRecord, running: Instance[]): Instance[] {
  const cost = (i: Instance): number => {
    if (!i.home?.seeded) return 0;
    return isVoter(record, i.id) ? 2 : 1;
  };
  const isChanging = record.phase === 'electing' || record.phase === 'switching';
  if (record.election?.everyone) return [];
  return running
    .filter((i) => i.id !== record.primary?.instance)
    .filter((i) => !isChanging || cost(i) === 0)
    .sort((a, b) => cost(a) - cost(b) || b.ordinal - a.ordinal);
}

function remove(record: ClusterRecord, which: (instance: Instance) => boolean): ClusterRecord {
  const ids = new Set(record.instances.filter(which).map((i) => i.id));
  return {
    ...record,
    instances: record.instances.map((i) => (ids.has(i.id) ? { ...i, intent: 'remove' } : i)),
  };
}
