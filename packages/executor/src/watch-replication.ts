import { containsGtidText, unionGtidTexts } from '@cotton/core';
import { hasCode, replicaState, type ReplicaState, resumeApplier } from '@cotton/mysql-ops';
import { type InstanceState, noteDetached } from './instance-state.ts';
import { adminOf, type StepContext } from './step-context.ts';

const LOOK_MS = 2_000;
/** Between two starts of an applier that stops. */
const APPLIER_REST_MS = 10_000;
/** Between two times that a receiver is asked to follow again. */
const RECEIVER_REST_MS = 3_000;
/** Half of a switchover's deadline by default: as long as that, its writers would wait at least. */
const LAGS_MS = 5_000;
/** MySQL counts its attempts in the message; each count would be a new status to write. */
const ATTEMPT = / This was attempt \d+\/\d+,[^.]*\./g;

/** Looks how replication stands and notes it. */
export async function watchReplication(context: StepContext): Promise<void> {
  const { state, duty, control, signal } = context;
  const boundMs = control?.heartbeatBoundMs ?? 0;
  try {
    const seen = await replicaState(adminOf(context), { deadlineMs: LOOK_MS, signal });
    const nowMs = performance.now();
    noteReplication(state, seen, { nowMs, boundMs });
    if (isApplierDue(state, seen, { nowMs }))
      await resumeApplier(adminOf(context), { deadlineMs: LOOK_MS, signal });
    noteReached(state, seen, duty.kind === 'follow' ? duty.reach : null);
  } catch (error) {
    // A mysqld that does not answer acknowledges nothing either: the primary must not wait for it for ever.
    if (hasCode(error, 'deadline')) noteDetached(state);
    throw error;
  }
}

/** Pure but for the state it writes. */
export function noteReplication(state: InstanceState, seen: ReplicaState, clock: Clock): void {
  const { following } = state;
  if (!following) return;
  const rightSource = seen.source?.serverUuid === following.sourceUuid;
  const attached = seen.receiver === 'running' && seen.applierRunning && rightSource;
  // What it was to catch up with is old news once it comes back: it has to be compared again.
  if (state.attached && !attached) noteDetached(state);
  state.attached = attached;
  noteHeard(state, seen, clock);
  if (attached) noteLag(state, seen, clock);
  state.activity = `${attached ? 'follows' : 'attaches to'} ${following.source}`;
  state.lagSeconds = seen.lagSeconds;
  state.problem = [seen.receiverError, seen.applierError].filter(Boolean).join('; ').replace(ATTEMPT, '');
  state.caughtUp ||= attached && state.compared && containsGtidText(seen.executed, state.catchUp);
  state.isErrant =
    state.compared && !containsGtidText(unionGtidTexts(state.catchUp, seen.received), seen.executed);
  // A receiver that gave up is asked to follow again: that compares with the source and rebuilds where it must. Relay
  // logs that the applier cannot read are forgotten there.
  const gaveUp = seen.receiver === 'stopped' && seen.applierRunning;
  if ((gaveUp || seen.receivedUnreadable) && isRested(state, clock)) {
    state.following = null;
    state.followedAgainAtMs = clock.nowMs;
  }
  // mysqld connects again by itself, also to another server that listens there by now.
  if (seen.receiver === 'running' && seen.source?.serverUuid && !rightSource) state.following = null;
}

/** What stops it may come with every new connection (an event of the source's that cannot be read). */
function isRested({ followedAgainAtMs }: InstanceState, { nowMs }: Clock): boolean {
  return followedAgainAtMs === null || nowMs - followedAgainAtMs >= RECEIVER_REST_MS;
}

/**
 * An applier that stopped on an error (a reader's lock, a full disk) is started again, and again: what was in its way
 * may have gone.
 */
export function isApplierDue(
  state: InstanceState,
  { applierRunning }: ReplicaState,
  { nowMs }: Pick<Clock, 'nowMs'>,
): boolean {
  state.applierStoppedAtMs = applierRunning ? null : (state.applierStoppedAtMs ?? nowMs);
  if (state.applierStoppedAtMs === null || nowMs - state.applierStoppedAtMs < APPLIER_REST_MS) return false;
  state.applierStoppedAtMs = null;
  return true;
}

interface Clock {
  /** Monotonic. */
  nowMs: number;
  boundMs: number;
}

/** The primary writes a marker every second: whoever receives none for the bound does not hear it. */
function noteHeard(state: InstanceState, seen: ReplicaState, { nowMs, boundMs }: Clock): void {
  const what = `${seen.received} ${seen.executed}`;
  if (state.attached && state.heard?.what !== what) state.heard = { what, atMs: nowMs };
  state.hears = state.attached && state.heard !== null && nowMs - state.heard.atMs < boundMs;
}

/**
 * It lags while something that it received is not applied so much later. By one clock, and of what one member says: how
 * much is under way at a look, and what the source has by then, tell nothing.
 */
function noteLag(state: InstanceState, { received, executed }: ReplicaState, { nowMs }: Clock): void {
  const { backlog } = state;
  const isLate = backlog !== null && nowMs - backlog.atMs >= LAGS_MS;
  if (backlog && !containsGtidText(executed, backlog.received)) {
    state.lags ||= isLate;
    return;
  }
  const hasAll = containsGtidText(executed, received);
  state.lags &&= isLate && !hasAll;
  state.backlog = hasAll ? null : { received, atMs: nowMs };
}

function noteReached(state: InstanceState, seen: ReplicaState, reach: string | null): void {
  if (reach === null || state.reached !== reach)
    state.reached = reach !== null && containsGtidText(seen.executed, reach) ? reach : null;
}
