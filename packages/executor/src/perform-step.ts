import type { Control, InstanceSecrets, TaskData } from '@cotton/core';
import { containsGtidSet, parseGtidSet } from '@cotton/core';
import {
  type Admin,
  applyAllReceived,
  ensureAccounts,
  hasCode,
  marker,
  openForWrites,
  position,
  setAckCount,
  stopReceiving,
} from '@cotton/mysql-ops';
import { setTimeout as sleep } from 'node:timers/promises';
import { accountsKey, replicationAccount } from './accounts.ts';
import { writeEpoch } from './epoch-file.ts';
import { ExecutorError } from './error.ts';
import { followSource, switchSemiSync } from './follow-source.ts';
import { type InstanceState, isNew } from './instance-state.ts';
import type { Log } from './log.ts';
import type { MysqldKeeper } from './mysqld-keeper.ts';
import type { Step } from './next-step.ts';
import { watchReplication } from './watch-replication.ts';

/** What a step works with. */
export interface StepContext {
  task: TaskData;
  state: InstanceState;
  keeper: MysqldKeeper;
  /** The persistent volume (absolute). */
  volume: string;
  /** As it stood when the turn began; undefined only for steps that need none. */
  control: Control | undefined;
  secrets: InstanceSecrets | undefined;
  /** Control still wants this step. Asked before anything that cannot be taken back. */
  stillWanted: () => boolean;
  /** Aborted when the step is no longer wanted, or mysqld died. */
  signal: AbortSignal;
  /** Aborted only when the executor ends: starting mysqld serves every duty. */
  shutdown: AbortSignal;
  /** Tells the others how things stand, in the middle of a step. */
  publish: () => void;
  log: Log;
}

/** Long enough for a healthy receiver; one that hangs (full disk) must not hold up an election. */
const STOP_RECEIVER_MS = 500;
const QUERY_MS = 5_000;
const OPEN_MS = 10_000;
const MARKER_MS = 5_000;
const ACCOUNTS_MS = 10_000;
const ACCOUNTS_LATER_MS = 1_000;
/** Counted from the last progress: applying a long queue may take its time. */
const APPLY_STALLED_MS = 60_000;

/** Performs one step and notes in the state what is true after it. Throws when it failed: the turn is then repeated. */
export async function performStep(
  step: Exclude<Step, { do: 'nothing' }>,
  context: StepContext,
): Promise<void> {
  switch (step.do) {
    case 'start-mysqld':
      return startMysqld(context);
    case 'kill-mysqld':
      return killMysqld(context, step.because);
    case 'persist-epoch':
      return persistEpoch(context, step.epoch);
    case 'stop-receiving':
      return stopReceiver(context);
    case 'report-position':
      return reportPosition(context, step.epoch);
    case 'apply':
      return apply(context, step.epoch);
    case 'follow':
      return followSource(context);
    case 'set-semi-sync':
      return switchSemiSync(context, step.on);
    case 'watch-replication':
      return watchReplication(context);
    case 'open':
      return open(context, step.epoch, step.ackCount);
    case 'set-ack-count':
      return changeAckCount(context, step.ackCount);
    case 'ensure-accounts':
      return createAccounts(context);
  }
}

/** The sessions of a mysqld that serves. */
export function adminOf({ keeper }: StepContext): Admin {
  const { admin } = keeper;
  if (!admin) throw new Error('mysqld ended during the step');
  return admin;
}

async function startMysqld(context: StepContext): Promise<void> {
  const { state, keeper, publish, shutdown } = context;
  state.mysqld = 'starting';
  state.activity = 'starts mysqld';
  publish();
  try {
    await keeper.start(shutdown);
    await noteServing(context);
  } catch (error) {
    // A start can fail before there is a process whose end would say so.
    state.mysqld = 'down';
    throw error;
  }
}

/** Who serves now; after a start, and after a rebuild. */
export async function noteServing(context: StepContext): Promise<void> {
  const { state, keeper, shutdown } = context;
  const admin = adminOf(context);
  const { serverUuid } = await position(admin, { deadlineMs: QUERY_MS, signal: shutdown });
  if (keeper.admin !== admin) throw new Error('mysqld ended right after its start');
  state.serverUuid = serverUuid;
  state.incarnation = admin.incarnation;
  state.mysqld = 'serving';
}

async function killMysqld({ keeper, log, state }: StepContext, because: string): Promise<void> {
  log.info({ because, epoch: state.epoch }, 'kills mysqld to start it closed');
  await keeper.kill();
}

async function persistEpoch({ state, volume }: StepContext, epoch: number): Promise<void> {
  await writeEpoch(volume, { format: 1, epoch, ledEpoch: state.ledEpoch });
  state.epoch = epoch;
}

async function stopReceiver(context: StepContext): Promise<void> {
  const { state, keeper, signal, log } = context;
  try {
    await stopReceiving(adminOf(context), { deadlineMs: STOP_RECEIVER_MS, signal });
    Object.assign(state, {
      receiving: false,
      attached: false,
      caughtUp: false,
      following: null,
      catchUp: null,
    });
  } catch (error) {
    if (!hasCode(error, 'deadline')) throw error;
    log.warn({ deadlineMs: STOP_RECEIVER_MS }, 'the receiver does not stop: kills mysqld');
    await keeper.kill();
  }
}

async function reportPosition(context: StepContext, epoch: number): Promise<void> {
  const { state, signal } = context;
  const { executed, received } = await position(adminOf(context), { deadlineMs: QUERY_MS, signal });
  state.position = { epoch, executed, received };
  state.reportedEpoch = epoch;
}

async function apply(context: StepContext, epoch: number): Promise<void> {
  const { state, control, signal } = context;
  const limit = { deadlineMs: APPLY_STALLED_MS, signal };
  const { executed, received } = await applyAllReceived(adminOf(context), limit);
  state.position = { epoch, executed, received };
  // The winner was elected for what it reported. Should that be gone, opening would lose acknowledged writes.
  if (!containsGtidSet(parseGtidSet(executed), parseGtidSet(control?.elected ?? '')))
    throw new ExecutorError('bad_task', `elected for ${control?.elected}, holds only ${executed}`);
  state.appliedEpoch = epoch;
}

async function open(context: StepContext, epoch: number, ackCount: number): Promise<void> {
  const { state, volume, signal, stillWanted } = context;
  // Crash point: once this is durable, a restart waits for the next election even if nothing was ever opened.
  await writeEpoch(volume, { format: 1, epoch: state.epoch, ledEpoch: epoch });
  state.ledEpoch = epoch;
  state.open = { epoch, ackCount, confirmed: false };
  await openForWrites(adminOf(context), { ackCount, stillWanted }, { deadlineMs: OPEN_MS, signal });
  Object.assign(state, {
    receiving: false,
    following: null,
    attached: false,
    caughtUp: false,
    catchUp: null,
  });
  state.open.confirmed = true;
}

async function changeAckCount(context: StepContext, ackCount: number): Promise<void> {
  const { state, signal } = context;
  await setAckCount(adminOf(context), ackCount, { deadlineMs: QUERY_MS, signal });
  // Only a transaction acknowledged under the new count proves that so many replicas hold all that came before it.
  if (ackCount > (state.open?.ackCount ?? 0))
    await marker(adminOf(context), { deadlineMs: MARKER_MS, signal });
  if (state.open) state.open.ackCount = ackCount;
}

async function createAccounts(context: StepContext): Promise<void> {
  const { state, control, secrets, signal } = context;
  if (!control || !secrets) throw new ExecutorError('bad_task', 'control holds no secrets for this instance');
  // A cluster with a history has its accounts. Checking them costs CPU, which a failover has better use for.
  if (!isNew(state) && state.accountsFor === '') await sleep(ACCOUNTS_LATER_MS, undefined, { signal });
  const replicationAccounts = control.members.map((member) => ({
    user: replicationAccount(member.serverId),
    password: secrets.replicationPassword,
  }));
  const plan = { user: control.user, password: secrets.userPassword, replicationAccounts };
  await ensureAccounts(adminOf(context), plan, { deadlineMs: ACCOUNTS_MS, signal });
  state.accountsFor = accountsKey(control);
}
