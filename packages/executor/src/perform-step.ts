import type { Control, Duty, InstanceSecrets, TaskData } from '@cotton/core';
import type { Log } from '@cotton/log';
import { type Admin, hasCode, position, stopReceiving } from '@cotton/mysql-ops';
import { writeEpoch } from './epoch-file.ts';
import { followSource, switchSemiSync } from './follow-source.ts';
import { forgetSource, type InstanceState } from './instance-state.ts';
import {
  apply,
  createAccounts,
  enableScheduledEvents,
  enforce,
  handOverLead,
  openLead,
} from './lead-steps.ts';
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
  duty: Duty;
  secrets: InstanceSecrets | undefined;
  /** Control still wants this step. Asked before anything that cannot be taken back. */
  stillWanted: () => boolean;
  /** Aborted when the step is no longer wanted, or mysqld died. */
  signal: AbortSignal;
  /** Aborted only when the executor ends: starting mysqld serves every duty. */
  shutdown: AbortSignal;
  /** Tells the others how things stand, in the middle of a step. */
  publish: () => void;
  /** A marker, now. */
  beat: () => void;
  log: Log;
}

/** Long enough for a healthy receiver; one that hangs (full disk) must not hold up an election. */
const STOP_RECEIVER_MS = 500;
const QUERY_MS = 5_000;

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
      return persistEpoch(context, step);
    case 'stop-receiving':
      return stopReceiver(context);
    case 'report-position':
      return reportPosition(context, step.epoch);
    case 'apply':
      return apply(context, step);
    case 'follow':
      return followSource(context);
    case 'set-semi-sync':
      return switchSemiSync(context, step.on);
    case 'watch-replication':
      return watchReplication(context);
    case 'open':
      return openLead(context, step);
    case 'enforce':
      return enforce(context, step);
    case 'hand-over':
      return handOverLead(context, step);
    case 'ensure-accounts':
      return createAccounts(context);
    case 'enable-events':
      return enableScheduledEvents(context, step.epoch);
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

/** Crash before this is durable: the old epoch stands and nothing was said of the new one. After it: acted in, unsaid. */
async function persistEpoch({ state, volume }: StepContext, { epoch, epochId }: EpochOf): Promise<void> {
  const { ledEpoch, generation } = state;
  await writeEpoch(volume, { epoch, epochId, ledEpoch, generation });
  Object.assign(state, { epoch, epochId, durableGeneration: generation });
}

type EpochOf = Extract<Step, { do: 'persist-epoch' }>;

export async function stopReceiver(context: StepContext): Promise<void> {
  const { state, keeper, signal, log } = context;
  try {
    await stopReceiving(adminOf(context), { deadlineMs: STOP_RECEIVER_MS, signal });
    forgetSource(state);
  } catch (error) {
    if (!hasCode(error, 'deadline')) throw error;
    log.warn({ deadlineMs: STOP_RECEIVER_MS }, 'the receiver does not stop: kills mysqld');
    await keeper.kill();
  }
}

async function reportPosition(context: StepContext, epoch: number): Promise<void> {
  const { state, signal } = context;
  const { executed, received, purged } = await position(adminOf(context), { deadlineMs: QUERY_MS, signal });
  state.position = { epoch, executed, received, purged, led: state.ledEpoch };
  state.reportedEpoch = epoch;
}
