import type {
  ErrantSlice,
  LeadStatus,
  Place,
  Position,
  ReplicationStatus,
  Status,
  Voter,
} from '@cotton/core';
import { ERRANT_SLICES_MAX, STATUS_MESSAGE_MAX } from '@cotton/core';
import type { Local } from './next-step.ts';
import { NO_PULSE, type Pulse } from './pulse.ts';

/** Everything the executor knows of its instance right now. One object, changed in place by the conductor's turns. */
export interface InstanceState extends Local {
  incarnation: number;
  /** Highest one seen in control. */
  generation: number;
  serverUuid: string | null;
  version: string | null;
  position: Position | null;
  caughtUp: boolean;
  /** What this replica must have applied to be caught up. */
  catchUp: string;
  /** What arrived from the source last, and when (monotonic). */
  heard: { what: string; atMs: number } | null;
  hears: boolean;
  /** What had arrived at an earlier look and was not all applied yet, and when that was (monotonic). */
  backlog: { received: string; atMs: number } | null;
  /** It takes seconds to apply what arrives. */
  lags: boolean;
  /** It holds what its source neither had nor sent: a tenant wrote here (FLUSH TABLES, XA COMMIT). */
  isErrant: boolean;
  /** Since when its applier has stood still although it should run (monotonic). */
  applierStoppedAtMs: number | null;
  /** When a receiver that had given up was last asked to follow again. */
  followedAgainAtMs: number | null;
  /** Whether it acknowledges, and the newest generation for which that was ordered and done. */
  acks: { generation: number; on: boolean } | null;
  /** The handed-over set that it has applied. */
  reached: string | null;
  /** As primary: how its markers fare. */
  pulse: Pulse;
  /** Seconds behind the source by its clock; null while unknown. */
  lagSeconds: number | null;
  /** Saved in the volume, newest last. */
  errant: ErrantSlice[];
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
  place: Place;
  volumeId: string;
  bootId: string;
}

/** State before the volume was looked at. */
export function initialState(): InstanceState {
  return {
    ...NOTHING_RUNS,
    epoch: 0,
    epochId: '',
    ledEpoch: 0,
    durableGeneration: 0,
    mysqld: 'preparing',
    incarnation: 0,
    generation: 0,
    serverUuid: null,
    version: null,
    errant: [],
    activity: 'prepares',
    problem: '',
    notice: '',
  };
}

const DETACHED = {
  compared: false,
  attached: false,
  caughtUp: false,
  hears: false,
  backlog: null,
  lags: false,
} satisfies Partial<InstanceState>;

const NOT_FOLLOWING = {
  ...DETACHED,
  receiving: false,
  following: null,
  catchUp: '',
  heard: null,
  isErrant: false,
  applierStoppedAtMs: null,
  reached: null,
  lagSeconds: null,
} satisfies Partial<InstanceState>;

const NOTHING_RUNS = {
  ...NOT_FOLLOWING,
  followedAgainAtMs: null,
  open: null,
  handedOver: null,
  enforced: null,
  reportedEpoch: null,
  appliedEpoch: null,
  accountsFor: '',
  eventsEpoch: null,
  position: null,
  acks: null,
  pulse: NO_PULSE,
} satisfies Partial<InstanceState>;

/** This life of mysqld is over: what was true of it is true no longer. What the volume remembers stays. */
export function forgetLife(state: InstanceState): void {
  Object.assign(state, NOTHING_RUNS, { mysqld: 'down' });
}

/** Nothing can arrive from a source any more. */
export function forgetSource(state: InstanceState): void {
  Object.assign(state, NOT_FOLLOWING);
}

/** The receiver may run, but what it is attached to has to be seen, and compared with, anew. */
export function noteDetached(state: InstanceState): void {
  Object.assign(state, DETACHED);
}

/** As which voter its acknowledgements could count; null while its data are not known. */
export function voterOf(state: InstanceState, { instance, volumeId, bootId }: InstanceNames): Voter | null {
  return state.serverUuid === null ? null : { instance, volumeId, serverUuid: state.serverUuid, bootId };
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
  const { instance, taskId, place, volumeId, bootId } = names;
  return {
    format: 1,
    instance,
    taskId,
    place,
    data: state.serverUuid === null ? null : { volumeId, serverUuid: state.serverUuid },
    bootId,
    epoch: state.epoch,
    epochId: state.epochId,
    generation: state.generation,
    role: servesWrites(state) ? 'primary' : state.attached ? 'replica' : 'none',
    mysqld: state.mysqld,
    incarnation: state.incarnation,
    position: state.position,
    replication: replicationOf(state),
    acks: state.acks,
    lead: leadOf(state),
    handedOver: state.handedOver,
    reached: state.reached,
    errant: state.errant.slice(-ERRANT_SLICES_MAX),
    version: state.version,
    message: messageOf(state).slice(0, STATUS_MESSAGE_MAX),
  };
}

function messageOf({ problem, activity, notice }: InstanceState): string {
  return [problem || activity, notice].filter((part) => part !== '').join('; ');
}

function replicationOf(state: InstanceState): ReplicationStatus | null {
  const { following, attached, caughtUp, hears, lags } = state;
  if (!following) return null;
  const { epoch, source } = following;
  return { epoch, source, attached, caughtUp: attached && caughtUp, hears: attached && hears, lags };
}

/** Never together with `handedOver`: the scheduler takes the one for open and the other for closed. */
function leadOf({ open, enforced, pulse }: InstanceState): LeadStatus | null {
  if (!open?.confirmed) return null;
  const { epoch, ackCount } = open;
  const { settled, degrade } = pulse;
  return { epoch, ackCount, enforcing: enforced?.generation ?? 0, settled, degrade };
}
