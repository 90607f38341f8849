import type { Position, ReplicationStatus, Status } from '@cotton/core';
import { STATUS_MESSAGE_MAX } from '@cotton/core';
import type { Local } from './next-step.ts';

/** Everything the executor knows of its instance right now. One object, changed in place by the conductor's turns. */
export interface InstanceState extends Local {
  incarnation: number;
  serverUuid: string | null;
  version: string | null;
  position: Position | null;
  /** Receiver and applier run, on the source that control names. */
  attached: boolean;
  /** What this replica must have to be caught up: executed, or only received. */
  catchUp: { target: string; received: boolean } | null;
  /** Seconds behind the source by its clock; null while unknown. */
  lagSeconds: number | null;
  /** What it is doing, or waits for. */
  activity: string;
  /** What is wrong, '' when nothing is. */
  problem: string;
  /** What people should know although nothing is wrong any more; '' for nothing. */
  notice: string;
}

/** What an instance is called, all its life. */
export interface InstanceNames {
  instance: string;
  taskId: string;
  volumeId: string;
  bootId: string;
}

/** State before the volume was looked at. */
export function initialState(): InstanceState {
  return {
    ...NOTHING_RUNS,
    epoch: 0,
    ledEpoch: 0,
    mysqld: 'preparing',
    incarnation: 0,
    serverUuid: null,
    version: null,
    activity: 'prepares',
    problem: '',
    notice: '',
  };
}

const NOTHING_RUNS = {
  open: null,
  receiving: false,
  reportedEpoch: null,
  appliedEpoch: null,
  following: null,
  caughtUp: false,
  accountsFor: '',
  position: null,
  attached: false,
  catchUp: null,
  lagSeconds: null,
} satisfies Partial<InstanceState>;

/** This life of mysqld is over: what was true of it is true no longer. What the volume remembers stays. */
export function forgetLife(state: InstanceState): void {
  Object.assign(state, NOTHING_RUNS, { mysqld: 'down' });
}

/** It was never written to: nobody has an account yet. */
export function isNew({ position }: InstanceState): boolean {
  return !position?.executed;
}

/** Writes are accepted, and there are accounts to write with: clients may be sent here. */
export function servesWrites(state: InstanceState): boolean {
  return state.open?.confirmed === true && (state.accountsFor !== '' || !isNew(state));
}

/** The document others see. */
export function statusOf(state: InstanceState, names: InstanceNames): Status {
  const { instance, taskId, volumeId, bootId } = names;
  const primary = servesWrites(state);
  return {
    format: 1,
    instance,
    taskId,
    data: state.serverUuid === null ? null : { volumeId, serverUuid: state.serverUuid },
    bootId,
    epoch: state.epoch,
    role: primary ? 'primary' : state.attached ? 'replica' : 'none',
    mysqld: state.mysqld,
    incarnation: state.incarnation,
    position: state.position,
    replication: replicationOf(state),
    appliedEpoch: state.appliedEpoch,
    ackCount: primary ? (state.open?.ackCount ?? null) : null,
    version: state.version,
    message: messageOf(state).slice(0, STATUS_MESSAGE_MAX),
  };
}

function messageOf({ problem, activity, notice }: InstanceState): string {
  return [problem || activity, notice].filter((part) => part !== '').join('; ');
}

function replicationOf({ following, attached, caughtUp }: InstanceState): ReplicationStatus | null {
  if (!following) return null;
  const { epoch, source, semiSync } = following;
  return { epoch, source, attached, caughtUp: attached && caughtUp, semiSync: attached && semiSync };
}
