/** What a primary does: applies what it was elected for, opens, follows the electorate, hands over. */
import type { Duty } from '@cotton/core';
import type { Step } from '@cotton/executor/brain';
import { accountsKey, enforced, forgetSource, opened } from '@cotton/executor/brain';
import { covers, parseCounts } from './counts.ts';
import type { Executor } from './executor.ts';
import type { Mysqld } from './mysqld.ts';
import type { Steps } from './process.ts';
import { applyRelay } from './replication.ts';
import { serving, sql, StepFailed } from './statement.ts';

type Of<Do extends Step['do']> = Extract<Step, { do: Do }>;

const HAND_OVER_MS = 5_000;

/** Applies what was received, and notes durably that this instance leads: a restart then waits for the next election. */
export function* apply(executor: Executor, { epoch, elected }: Of<'apply'>): Steps {
  const { state, world } = executor;
  yield* sql(executor, startApplier);
  const mysqld = serving(executor);
  yield* executor.shielded(noteLead(executor, epoch));
  if (!world.has('open-before-applying'))
    while (mysqld.data.relay.length > 0) {
      yield 5;
      if (!mysqld.alive) throw new StepFailed('mysqld ended during the step');
    }
  const { executed, received, purged } = yield* sql(executor, (m) => m.position());
  state.position = { epoch, executed, received, purged, led: epoch };
  if (!covers(parseCounts(executed), parseCounts(elected)) && !world.has('open-before-applying'))
    throw new StepFailed(`elected for ${elected}, holds only ${executed}`);
  Object.assign(state, { appliedEpoch: epoch, ledEpoch: epoch });
}

function* noteLead({ state, volume, world }: Executor, epoch: number): Steps {
  const { generation } = state;
  yield world.takes(0.5, 6);
  while (volume.isDead) yield 100;
  if (!world.has('led-epoch-not-durable')) volume.epoch = { ...volume.epoch, ledEpoch: epoch, generation };
  yield world.takes(0.5, 6);
  state.durableGeneration = generation;
}

/** With semi-sync of the source side on it would freeze [X6]. */
export function startApplier(mysqld: Mysqld): void {
  mysqld.setAckCount(0);
  mysqld.applierRuns = true;
  applyRelay(mysqld);
}

export function* openLead(executor: Executor, step: Of<'open'>, duty: Duty): Steps {
  const { state, world } = executor;
  const { epoch, ackCount } = step;
  state.open = { epoch, ackCount, confirmed: false };
  Object.assign(state, { handedOver: null, enforced: null, pulse: opened(world.loop.nowMs) });
  // Whoever may still follow an earlier reign of this primary must not acknowledge to this one.
  if (!world.has('open-before-locking-out')) yield* admit(executor, step);
  yield* sql(executor, (m) => forgetChannel(m));
  if (world.has('open-before-setting-count')) {
    yield* openUp(executor, epoch, ackCount);
    yield world.takes(20, 100);
  }
  yield* sql(executor, (m) => m.setAckCount(ackCount));
  const wanted = JSON.stringify(duty);
  if (JSON.stringify(executor.duty) !== wanted) throw new StepFailed('superseded: not opened for writes');
  yield* openUp(executor, epoch, ackCount);
  forgetSource(state);
  state.open.confirmed = true;
  noteEnforced(executor, step);
}

/** RESET REPLICA ALL deletes the relay logs: nothing in them may be unapplied. */
function forgetChannel(mysqld: Mysqld): void {
  mysqld.receiver?.stop();
  if (mysqld.data.relay.length > 0 && !mysqld.world.has('open-before-applying'))
    throw new StepFailed('unapplied transactions');
  mysqld.data.relay = [];
  mysqld.data.channel = null;
  mysqld.applierRuns = false;
  mysqld.replicaSemiSync = false;
}

function* openUp(executor: Executor, epoch: number, ackCount: number): Steps {
  yield* sql(executor, (mysqld) => {
    mysqld.isReadOnly = false;
    mysqld.openedIn = epoch;
    executor.world.oracle.opened(mysqld, epoch, ackCount);
  });
}

/** Who is barred is locked out before anything counts under the new rules. */
export function* enforce(executor: Executor, step: Of<'enforce'>): Steps {
  const { ackCount } = step;
  const { state, world } = executor;
  const { open } = state;
  if (!open) return;
  state.enforced = null;
  if (ackCount > 0) yield* admit(executor, step);
  if (world.has('enforcing-before-in-force')) {
    open.ackCount = ackCount;
    noteEnforced(executor, step);
    executor.publish();
    yield world.takes(0.5, 4);
  }
  yield* sql(executor, (m) => m.setAckCount(ackCount));
  open.ackCount = ackCount;
  noteEnforced(executor, step);
  if (ackCount === 0) yield* admit(executor, step);
}

type Rules = Pick<Of<'enforce'>, 'generation' | 'ackCount' | 'barred'>;

function noteEnforced({ state, heart }: Executor, { generation, ackCount, barred }: Rules): void {
  state.enforced = { generation, barred };
  state.pulse = enforced(state.pulse, { generation, ackCount });
  heart.beat();
}

/** Locks the barred out, and lets everybody else in; going alone locks out nobody. */
function* admit(executor: Executor, { ackCount, barred }: Rules): Steps {
  const out = ackCount > 0 && !executor.world.has('barred-not-locked-out') ? barred : [];
  yield* sql(executor, (mysqld) => {
    mysqld.locked = new Set(out);
    if (executor.world.has('dump-threads-not-ended')) return;
    for (const dump of [...mysqld.dumps]) if (out.includes(dump.serverId)) dump.close();
  });
}

/** Accounts are transactions; a cluster with a history has them. */
export function* ensureAccounts(executor: Executor): Steps {
  const { state, control, world } = executor;
  const key = accountsKey(control);
  const mysqld = serving(executor);
  if (!mysqld.data.hasAccounts) {
    let isDone = false;
    mysqld.commit('accounts', () => (isDone = true));
    while (!isDone) {
      yield 10;
      if (!mysqld.alive) throw new StepFailed('mysqld ended during the step');
    }
  } else yield world.takes(1, 100);
  state.accountsFor = key;
}

export function* handOver(executor: Executor, { id, epoch, graceMs }: Of<'hand-over'>): Steps {
  const { state, world, control } = executor;
  const { ackCount } = state.open ?? { ackCount: control?.ackCount ?? 1 };
  Object.assign(state, { open: { epoch, ackCount, confirmed: false }, handedOver: null });
  const mysqld = serving(executor);
  const graceEndsAtMs = world.loop.nowMs + graceMs;
  const endsAtMs = graceEndsAtMs + HAND_OVER_MS;
  try {
    if (world.has('hand-over-without-closing')) yield* sql(executor, (m) => m.endSessions());
    else
      while (!(yield* sql(executor, (m) => m.tryToClose()))) {
        if (world.loop.nowMs >= graceEndsAtMs) mysqld.endSessions();
        if (world.loop.nowMs >= endsAtMs) throw new StepFailed('deadline');
        yield 20;
      }
    const { executed } = yield* sql(executor, (m) => m.position());
    state.open = null;
    state.handedOver = { id, epoch, executed };
  } catch (error) {
    // As it was.
    if (mysqld.alive)
      mysqld.do(() => {
        mysqld.endClosing();
        mysqld.isReadOnly = false;
      });
    throw error;
  }
}
