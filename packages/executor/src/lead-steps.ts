/** What a primary does: applies what it was elected for, opens, follows the electorate, hands over. */
import { containsGtidText } from '@cotton/core';
import {
  type Admission,
  applyAllReceived,
  enableEvents,
  ensureAccounts,
  forgetReceived,
  handOver,
  hasCode,
  type Limit,
  openForWrites,
  type Position as Place,
  position,
  setAckCount,
  setAdmission,
} from '@cotton/mysql-ops';
import { setTimeout as sleep } from 'node:timers/promises';
import { accountsKey, replicationAccount } from './accounts.ts';
import { writeEpoch } from './epoch-file.ts';
import { ExecutorError } from './error.ts';
import { forgetSource, isNew } from './instance-state.ts';
import type { Step } from './next-step.ts';
import { enforced, opened } from './pulse.ts';
import { adminOf, type StepContext } from './step-context.ts';

type Of<Do extends Step['do']> = Extract<Step, { do: Do }>;

const QUERY_MS = 5_000;
const OPEN_MS = 10_000;
const HAND_OVER_MS = 5_000;
const EVENTS_MS = 10_000;
const ACCOUNTS_MS = 10_000;
const ACCOUNTS_LATER_MS = 1_000;
const NO_SECRETS = 'control holds no secrets for this instance';
/** Counted from the last progress: applying a long queue may take its time. */
const APPLY_STALLED_MS = 60_000;

/**
 * Applies what was received, and meanwhile notes durably that this instance leads the epoch.
 * Crash point: from then on a restart waits for the next election, even if nothing was ever opened.
 */
export async function apply(context: StepContext, { epoch, elected }: Of<'apply'>): Promise<void> {
  const { state, volume, signal, keeper } = context;
  const { epochId, generation } = state;
  const admin = adminOf(context);
  const limit = { deadlineMs: APPLY_STALLED_MS, signal };
  // Both are over before another step may write that file.
  const [applied, noted] = await Promise.allSettled([
    applyElected(context, elected, limit),
    writeEpoch(volume, { epoch: state.epoch, epochId, ledEpoch: epoch, generation }),
  ]);
  if (applied.status === 'rejected') throw applied.reason;
  if (noted.status === 'rejected') throw noted.reason;
  // The next life has not applied it, and must not open in an epoch that it is noted to have led.
  if (keeper.admin !== admin) throw new ExecutorError('bad_task', 'mysqld ended while it applied');
  const { executed, received, purged } = applied.value;
  state.position = { epoch, executed, received, purged, led: epoch };
  // The winner was elected for what it reported. Should that be gone, opening would lose acknowledged writes.
  if (!containsGtidText(executed, elected))
    throw new ExecutorError('bad_task', `elected for ${elected}, holds only ${executed}`);
  Object.assign(state, { appliedEpoch: epoch, ledEpoch: epoch, durableGeneration: generation });
}

/**
 * Applies everything received. What cannot be read of it and was not elected, was never acknowledged: it is forgotten.
 * Without what it was elected for it must not open.
 */
async function applyElected(context: StepContext, elected: string, limit: Limit): Promise<Place> {
  const { stillWanted, log } = context;
  const admin = adminOf(context);
  try {
    return await applyAllReceived(admin, limit);
  } catch (error) {
    if (!hasCode(error, 'relay_logs_unreadable')) throw error;
    const { executed } = await position(admin, limit);
    if (!containsGtidText(executed, elected)) throw error;
    if (!stillWanted()) throw new Error('control no longer wants what was received to be forgotten');
    log.error(
      { err: error },
      'the relay logs cannot be read: forgets what was received beyond the elected set',
    );
    await forgetReceived(admin, limit);
    return position(admin, limit);
  }
}

/**
 * Opens for writes, under the rules of the generation in force; after a hand-over that was taken back also a second
 * time in the same life.
 */
export async function openLead(context: StepContext, step: Of<'open'>): Promise<void> {
  const { epoch, ackCount } = step;
  const { state, signal, stillWanted } = context;
  const limit = { deadlineMs: OPEN_MS, signal };
  state.open = { epoch, ackCount, confirmed: false };
  // After a hand-over that was taken back the rules have to prove themselves again.
  Object.assign(state, { handedOver: null, enforced: null, pulse: opened(performance.now()) });
  // Whoever followed this instance when it was primary before may still point here, and would acknowledge unasked; whom
  // it locked out then may be who has to acknowledge now.
  await setAdmission(adminOf(context), admissionOf(context, step), limit);
  await openForWrites(adminOf(context), { ackCount, stillWanted }, limit);
  forgetSource(state);
  state.open.confirmed = true;
  noteEnforced(context, step);
}

/**
 * Brings the rules of a generation into force. Who is barred is locked out before anything counts under it: a lock
 * that comes later would let a leaver acknowledge what the others may not have. Going alone (k = 0) lets everybody go
 * who waits, at once, and then locks out nobody: there is nothing to acknowledge.
 */
export async function enforce(context: StepContext, step: Of<'enforce'>): Promise<void> {
  const { ackCount } = step;
  const { state, signal } = context;
  const { open } = state;
  const admin = adminOf(context);
  const limit = { deadlineMs: QUERY_MS, signal };
  if (!open) return;
  // Broken off half-way, it has to be done even if control goes back to what was in force before.
  state.enforced = null;
  if (ackCount > 0) await setAdmission(admin, admissionOf(context, step), limit);
  await setAckCount(admin, ackCount, limit);
  open.ackCount = ackCount;
  noteEnforced(context, step);
  if (ackCount === 0) await setAdmission(admin, admissionOf(context, step), limit);
}

type Rules = Pick<Of<'enforce'>, 'generation' | 'ackCount' | 'barred'>;

/** From here on a marker proves the generation. */
function noteEnforced({ state, beat }: StepContext, { generation, ackCount, barred }: Rules): void {
  state.enforced = { generation, barred };
  state.pulse = enforced(state.pulse, { generation, ackCount });
  beat();
}

function admissionOf({ control, secrets }: StepContext, { ackCount, barred }: Rules): Admission {
  if (!secrets) throw new ExecutorError('bad_task', NO_SECRETS);
  const nameOf = (serverId: number): string => replicationAccount(serverId, secrets.replicationPassword).user;
  const barredIds = ackCount > 0 ? barred : [];
  const all = (control?.members ?? []).map((member) => member.serverId);
  return {
    barred: barredIds.map(nameOf),
    admitted: all.filter((id) => !barredIds.includes(id)).map(nameOf),
  };
}

export async function createAccounts(context: StepContext): Promise<void> {
  const { state, control, secrets, signal } = context;
  if (!control || !secrets) throw new ExecutorError('bad_task', NO_SECRETS);
  // A cluster with a history has its accounts. Checking them costs CPU, which a failover has better use for.
  if (!isNew(state) && state.accountsFor === '') await sleep(ACCOUNTS_LATER_MS, undefined, { signal });
  const replicationAccounts = control.members.map(({ serverId }) =>
    replicationAccount(serverId, secrets.replicationPassword),
  );
  const plan = { user: control.user, password: secrets.userPassword, replicationAccounts };
  await ensureAccounts(adminOf(context), plan, { deadlineMs: ACCOUNTS_MS, signal });
  state.accountsFor = accountsKey(control);
}

/** Closes, and keeps it that way until control says who goes on. Nobody waits for an acknowledgement after this. */
export async function handOverLead(
  context: StepContext,
  { id, epoch, graceMs }: Of<'hand-over'>,
): Promise<void> {
  const { state, signal, control } = context;
  // Half-way it may be closed already: should control take it back now, it has to be opened again. A failure opens it.
  const { ackCount } = state.open ?? { ackCount: control?.ackCount ?? 1 };
  Object.assign(state, { open: { epoch, ackCount, confirmed: false }, handedOver: null });
  const limit = { deadlineMs: graceMs + HAND_OVER_MS, signal };
  const { executed } = await handOver(adminOf(context), { graceMs }, limit);
  // Crash from here on: this life is over, and the next one waits for an election as after any crash.
  state.open = null;
  state.handedOver = { id, epoch, executed };
}

/** A write like any other: it waits for acknowledgements. */
export async function enableScheduledEvents(context: StepContext, epoch: number): Promise<void> {
  const { state, signal, log } = context;
  const problems = await enableEvents(adminOf(context), { deadlineMs: EVENTS_MS, signal });
  if (problems.length > 0) log.error({ problems }, 'scheduled events that stay disabled');
  state.eventsEpoch = epoch;
}
