import { containsGtidSet, type GtidSet, parseGtidSet, unionGtidSets } from '@cotton/core';
import { replicaState, type ReplicaState } from '@cotton/mysql-ops';
import type { InstanceState } from './instance-state.ts';
import { adminOf, type StepContext } from './perform-step.ts';

const LOOK_MS = 2_000;

/** Looks how replication stands and notes it. */
export async function watchReplication(context: StepContext): Promise<void> {
  const seen = await replicaState(adminOf(context), { deadlineMs: LOOK_MS, signal: context.signal });
  noteReplication(context.state, seen);
}

/** Pure but for the state it writes. */
export function noteReplication(state: InstanceState, seen: ReplicaState): void {
  const { following } = state;
  if (!following) return;
  const rightSource = seen.source?.serverUuid === following.sourceUuid;
  state.attached = seen.receiver === 'running' && seen.applierRunning && rightSource;
  state.activity = `${state.attached ? 'follows' : 'attaches to'} ${following.source}`;
  state.lagSeconds = seen.lagSeconds;
  state.problem = [seen.receiverError, seen.applierError].filter(Boolean).join('; ');
  state.caughtUp ||= state.attached && hasCaughtUp(state, seen);
  // A receiver that gave up is asked to follow again: that compares with the source and rebuilds where it must.
  if (seen.receiver === 'stopped' && seen.applierRunning) state.following = null;
}

/** Whether it has what it was to have; once true it stays true for this source and epoch. */
function hasCaughtUp({ catchUp }: InstanceState, seen: ReplicaState): boolean {
  if (!catchUp) return false;
  const executed = parseGtidSet(seen.executed);
  const has: GtidSet = catchUp.received ? unionGtidSets(executed, parseGtidSet(seen.received)) : executed;
  return containsGtidSet(has, parseGtidSet(catchUp.target));
}
