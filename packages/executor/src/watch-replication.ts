import { containsGtidSet, type GtidSet, parseGtidSet, unionGtidSets } from '@cotton/core';
import { hasCode, replicaState, type ReplicaState } from '@cotton/mysql-ops';
import type { InstanceState } from './instance-state.ts';
import { adminOf, type StepContext } from './perform-step.ts';

const LOOK_MS = 2_000;
/** MySQL counts its attempts in the message; each count would be a new status to write. */
const ATTEMPT = / This was attempt \d+\/\d+,[^.]*\./g;

/** Looks how replication stands and notes it. */
export async function watchReplication(context: StepContext): Promise<void> {
  const { state, signal } = context;
  try {
    noteReplication(state, await replicaState(adminOf(context), { deadlineMs: LOOK_MS, signal }));
  } catch (error) {
    // A mysqld that does not answer acknowledges nothing either: the primary must not wait for it for ever.
    if (hasCode(error, 'deadline')) noteDetached(state);
    throw error;
  }
}

/** What it was to catch up with is old news once it comes back. */
function noteDetached(state: InstanceState): void {
  Object.assign(state, { attached: false, caughtUp: false, catchUp: null });
}

/** Pure but for the state it writes. */
export function noteReplication(state: InstanceState, seen: ReplicaState): void {
  const { following } = state;
  if (!following) return;
  const rightSource = seen.source?.serverUuid === following.sourceUuid;
  const attached = seen.receiver === 'running' && seen.applierRunning && rightSource;
  if (state.attached && !attached) noteDetached(state);
  state.attached = attached;
  // Back after a pause: it has to be compared with its source again before it counts as caught up.
  if (attached && !state.caughtUp && !state.catchUp) state.following = null;
  state.activity = `${state.attached ? 'follows' : 'attaches to'} ${following.source}`;
  state.lagSeconds = seen.lagSeconds;
  state.problem = [seen.receiverError, seen.applierError].filter(Boolean).join('; ').replace(ATTEMPT, '');
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
