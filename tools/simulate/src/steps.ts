/** The executor's steps, each in its pieces: what a crash, or a new control, may leave between them. */
import type { Duty } from '@cotton/core';
import type { Step } from '@cotton/executor/brain';
import { forgetSource } from '@cotton/executor/brain';
import { formatCounts, parseCounts } from './counts.ts';
import type { Executor } from './executor.ts';
import { followSource, setSemiSync, watchReplication } from './follow.ts';
import { apply, enforce, ensureAccounts, handOver, openLead } from './lead.ts';
import type { Mysqld } from './mysqld.ts';
import type { Steps } from './process.ts';

export class StepFailed extends Error {}

const QUERY_MS = 5_000;
const STOP_RECEIVER_MS = 500;

export function* perform(executor: Executor, step: Exclude<Step, { do: 'nothing' }>, duty: Duty): Steps {
  switch (step.do) {
    case 'start-mysqld':
      return yield* executor.shielded(startMysqld(executor));
    case 'kill-mysqld':
      return yield* executor.shielded(killMysqld(executor));
    case 'persist-epoch':
      return yield* executor.shielded(persistEpoch(executor, step));
    case 'stop-receiving':
      return yield* stopReceiving(executor);
    case 'report-position':
      return yield* reportPosition(executor, step.epoch);
    case 'apply':
      return yield* apply(executor, step);
    case 'follow':
      return yield* followSource(executor, duty);
    case 'set-semi-sync':
      return yield* setSemiSync(executor, duty, step.on);
    case 'watch-replication':
      return yield* watchReplication(executor, duty);
    case 'open':
      return yield* openLead(executor, step, duty);
    case 'enforce':
      return yield* enforce(executor, step);
    case 'hand-over':
      return yield* handOver(executor, step);
    case 'ensure-accounts':
      return yield* ensureAccounts(executor);
    case 'enable-events':
      executor.state.eventsEpoch = step.epoch;
  }
}

/**
 * One statement. A mysqld that stands still answers nothing, but does what it was sent when it goes on: also a
 * statement whose sender has given up. The next one is done after it.
 */
export function* sql<T>(executor: Executor, work: (mysqld: Mysqld) => T, deadlineMs = QUERY_MS): Steps<T> {
  const { world } = executor;
  const mysqld = serving(executor);
  const endsAtMs = world.loop.nowMs + deadlineMs;
  try {
    yield world.takes(0.2, 1.5);
    while (mysqld.frozen) {
      if (world.loop.nowMs >= endsAtMs) throw new StepFailed('deadline');
      yield 20;
    }
  } catch (error) {
    if (mysqld.alive && world.random.chance(0.5)) mysqld.do(() => work(mysqld));
    throw error;
  }
  if (!mysqld.alive) throw new StepFailed('mysqld ended during the step');
  const result = work(mysqld);
  yield world.takes(0.2, 1.5);
  if (!mysqld.alive) throw new StepFailed('mysqld ended during the step');
  return result;
}

export function serving({ mysqld }: Executor): Mysqld {
  if (!mysqld?.alive) throw new StepFailed('mysqld ended during the step');
  return mysqld;
}

function* startMysqld(executor: Executor): Steps {
  const { state, world } = executor;
  state.mysqld = 'starting';
  executor.publish();
  let isServing = false;
  try {
    yield world.takes(150, 1_200);
    while (executor.volume.isDead) yield 200;
    const mysqld = executor.bootMysqld();
    yield world.takes(50, 300);
    if (!mysqld.alive) throw new StepFailed('mysqld did not start');
    executor.noteServing(mysqld);
    isServing = true;
  } finally {
    if (!isServing) {
      state.mysqld = 'down';
      executor.mysqld?.kill();
      executor.mysqld = null;
    }
  }
}

function* killMysqld(executor: Executor): Steps {
  const { mysqld, world } = executor;
  if (mysqld && world.has('demote-by-sigterm')) mysqld.terminate();
  executor.fell();
  yield world.takes(1, 20);
}

type Persist = Extract<Step, { do: 'persist-epoch' }>;

/** Crash before the file is there: the old epoch stands, and nothing was said of the new one. */
function* persistEpoch(executor: Executor, { epoch, epochId }: Persist): Steps {
  const { state, volume, world } = executor;
  const { ledEpoch, generation } = state;
  const record = { epoch, epochId, ledEpoch, generation };
  if (world.has('epoch-told-before-durable')) {
    Object.assign(state, { epoch, epochId });
    executor.publish();
    yield world.takes(50, 400);
    volume.epoch = record;
    return;
  }
  yield world.takes(0.5, 6);
  while (volume.isDead) yield 100;
  volume.epoch = record;
  yield world.takes(0.5, 6);
  Object.assign(state, { epoch, epochId, durableGeneration: generation });
}

export function* stopReceiving(executor: Executor): Steps {
  const { state, world } = executor;
  const mysqld = serving(executor);
  const endsAtMs = world.loop.nowMs + STOP_RECEIVER_MS;
  if (world.has('report-without-stopping')) {
    forgetSource(state);
    return;
  }
  // On a full disk the receiver does not stop [X14].
  while (mysqld.disk.isDead || mysqld.frozen) {
    if (world.loop.nowMs >= endsAtMs) return yield* killMysqld(executor);
    yield 20;
    if (!mysqld.alive) throw new StepFailed('mysqld ended during the step');
  }
  yield* sql(executor, (m) => m.receiver?.stop(), STOP_RECEIVER_MS);
  forgetSource(state);
}

function* reportPosition(executor: Executor, epoch: number): Steps {
  const { state } = executor;
  const { executed, received, purged } = yield* sql(executor, (m) => m.position());
  state.position = { epoch, executed, received, purged, led: state.ledEpoch };
  state.reportedEpoch = epoch;
}

export { formatCounts, parseCounts };
