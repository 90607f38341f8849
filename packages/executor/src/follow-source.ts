import type { Duty, Member } from '@cotton/core';
import { containsGtidText, subtractGtidTexts, unionGtidTexts } from '@cotton/core';
import {
  cloneFrom,
  dismissWaiters,
  fits,
  follow,
  forgetReceived,
  hasCode,
  position,
  type ReplicationSource,
  setReplicaSemiSync,
} from '@cotton/mysql-ops';
import { setTimeout as sleep } from 'node:timers/promises';
import { replicationAccount } from './accounts.ts';
import { saveSlice } from './errant-slices.ts';
import { describeError, ExecutorError } from './error.ts';
import { forgetSource } from './instance-state.ts';
import { noteServing } from './mysqld-life.ts';
import { stopReceiver } from './receiver.ts';
import { adminOf, type StepContext } from './step-context.ts';

const COMPARE_MS = 5_000;
const ATTACH_MS = 2_000;
/** Reading all logs in vain costs a lot. */
const SAVE_AGAIN_MS = 30_000;
/** A copy takes seconds to hours. */
const TURN_MS = 10_000;

type Follow = Extract<Duty, { kind: 'follow' }>;

/** Attaches this instance to the primary, and rebuilds it where its data do not fit. */
export async function followSource(context: StepContext): Promise<void> {
  try {
    await followPrimary(context);
  } catch (error) {
    // Its receiver may have reached whoever answers there now: what that sends is not the primary's.
    if (hasCode(error, 'wrong_source')) await stopReceiver(context);
    throw error;
  }
}

async function followPrimary(context: StepContext): Promise<void> {
  const { state } = context;
  const duty = followDuty(context);
  const source = sourceOf(context, duty);
  // What a client that waits has written would come to light only after the comparison.
  await dismissWaiters(adminOf(context), { deadlineMs: COMPARE_MS, signal: context.signal });
  const target = (await isSibling(context, duty)) ? duty.elected : await compare(context, duty, source);
  if (target === undefined) return;
  // Noted first: a call that failed half-way may have started the receiver, acknowledging or not.
  Object.assign(state, { receiving: true, reportedEpoch: null, following: null });
  await attach(context, duty, source);
  Object.assign(state, { caughtUp: false, catchUp: target, compared: true });
  state.following = {
    epoch: duty.epoch,
    source: duty.source.instance,
    sourceUuid: duty.sourceUuid,
    semiSync: duty.semiSync,
  };
}

async function attach(context: StepContext, { semiSync }: Follow, source: ReplicationSource): Promise<void> {
  const { signal, stillWanted, log } = context;
  const limit = { deadlineMs: ATTACH_MS, signal };
  try {
    await follow(adminOf(context), source, { semiSync }, limit);
  } catch (error) {
    if (!hasCode(error, 'relay_logs_unreadable')) throw error;
    if (semiSync) await refuseWhileCounted(context, 'cannot read what it received');
    if (!stillWanted()) throw new Error('control no longer wants what was received to be forgotten');
    log.error({ err: error }, 'the relay logs cannot be read: forgets them and receives anew');
    await forgetReceived(adminOf(context), limit);
    await follow(adminOf(context), source, { semiSync }, limit);
  }
}

/** From now on its acknowledgements count, or no longer do. */
export async function switchSemiSync(context: StepContext, on: boolean): Promise<void> {
  const { state, signal } = context;
  const source = sourceOf(context, followDuty(context));
  const { following } = state;
  // Half-way it may acknowledge or not: nobody may be told either until it is pointed anew.
  state.following = null;
  await setReplicaSemiSync(adminOf(context), on, source, { deadlineMs: ATTACH_MS, signal });
  if (state.receiving && following) state.following = { ...following, semiSync: on };
}

function followDuty({ duty }: StepContext): Follow {
  if (duty.kind === 'follow') return duty;
  throw new ExecutorError('bad_task', 'control names no source to follow');
}

function sourceOf({ secrets, task }: StepContext, { source, sourceUuid }: Follow): ReplicationSource {
  if (!secrets) throw new ExecutorError('bad_task', 'control holds no secrets for this instance');
  const { host, port } = source;
  const account = replicationAccount(task.serverId, secrets.replicationPassword);
  return { host, port, ...account, serverUuid: sourceUuid };
}

/**
 * The epoch opens with this member as a voter, and it holds nothing beyond what was elected: it fits by that alone. Saves
 * questions to a primary that has better things to do, and whose first write may wait for this very member.
 */
async function isSibling(context: StepContext, { epoch, elected, semiSync }: Follow): Promise<boolean> {
  const { state, signal } = context;
  if (!semiSync || elected === '') return false;
  const isReported = state.reportedEpoch === epoch && state.position;
  const own = isReported || (await position(adminOf(context), { deadlineMs: COMPARE_MS, signal }));
  return containsGtidText(elected, unionGtidTexts(own.executed, own.received));
}

/** Returns the set to apply; undefined when the instance had to be rebuilt and has to be looked at anew. */
async function compare(
  context: StepContext,
  { elected, source: member, semiSync }: Follow,
  source: ReplicationSource,
): Promise<string | undefined> {
  const { signal } = context;
  const fit = await fits(adminOf(context), source, { deadlineMs: COMPARE_MS, signal });
  if (fit.fit === 'replicate') return unionGtidTexts(fit.sourceExecuted, elected);
  // A primary that still applies does not have yet what it was elected for.
  const errant = fit.fit === 'errant' ? subtractGtidTexts(fit.errant, elected) : '';
  if (fit.fit === 'errant' && errant === '') return elected;
  if (semiSync) await refuseWhileCounted(context, `does not fit ${member.instance}`);
  // Once: a rebuild that waits for its turn comes here again and again.
  if (errant !== '' && !context.state.errant.some(({ gtids }) => gtids === errant))
    await keepSlice(context, errant);
  await rebuild(context, source, member);
  return undefined;
}

/** An election may need what a voter acknowledged. It acknowledges no more, so that it is let go and can be healed. */
async function refuseWhileCounted(context: StepContext, why: string): Promise<never> {
  await stopReceiver(context);
  throw new ExecutorError('bad_task', `${why}, but is still counted on`);
}

/**
 * Only this instance has them, so they were never acknowledged. They are saved before the data that hold them are
 * replaced; where that fails the data stay, for people to look at.
 */
async function keepSlice(context: StepContext, errant: string): Promise<void> {
  const { state, keeper, volume, shutdown, publish, log } = context;
  const server = keeper.server;
  if (!server) throw new Error('mysqld ended during the step');
  state.activity = 'saves its errant transactions';
  publish();
  try {
    const slice = await saveSlice(server, errant, { volume, nowMs: Date.now(), signal: shutdown });
    state.errant = [...state.errant.filter(({ file }) => file !== slice.file), slice];
    state.notice = `rebuilt; its errant transactions ${errant} are in ${slice.file}`;
    log.error({ ...slice }, 'held errant transactions: saved');
  } catch (error) {
    state.problem = `its errant transactions ${errant} cannot be saved: ${describeError(error)}`;
    log.error({ err: error, errant }, 'errant transactions cannot be saved: not rebuilt');
    publish();
    await sleep(SAVE_AGAIN_MS, undefined, { signal: context.signal });
    throw error;
  }
}

/** Replaces this instance's data with a copy of the primary's. */
async function rebuild(context: StepContext, source: ReplicationSource, member: Member): Promise<void> {
  const { keeper, state, publish, shutdown, stillWanted, log } = context;
  const server = keeper.server;
  if (!server) throw new Error('mysqld ended during the step');
  // Saving what is errant may have taken long: an election that began meanwhile may need these data.
  if (!stillWanted()) throw new Error('control no longer wants these data to be replaced');
  const admin = adminOf(context);
  state.mysqld = 'preparing';
  state.activity = `copies the data of ${member.instance}`;
  publish();
  const startedAt = performance.now();
  try {
    const rebuilt = await cloneFrom(server, admin, source, { signal: shutdown });
    keeper.adopt(rebuilt.server, rebuilt.admin);
    await noteServing(context);
    log.info({ source: member.instance, tookMs: Math.round(performance.now() - startedAt) }, 'data copied');
  } catch (error) {
    if (hasCode(error, 'donor_busy') && keeper.admin === admin) return waitForTurn(context, member);
    // Whatever is left of the data is made whole by the next start.
    await keeper.kill();
    state.mysqld = 'down';
    throw error;
  }
}

/** One copy at a time: until then this instance keeps what it has, and follows nobody. */
async function waitForTurn(
  { state, publish, signal, log }: StepContext,
  { instance }: Member,
): Promise<void> {
  forgetSource(state);
  state.mysqld = 'serving';
  state.activity = `waits for its turn: ${instance} is copying its data to somebody else`;
  publish();
  log.info({ source: instance }, 'waits for its turn to copy data');
  await sleep(TURN_MS, undefined, { signal });
}
