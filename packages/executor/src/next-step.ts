/**
 * The executor's brain: what to do next, given what control wants and what stands here. Pure; perform-step.ts does it.
 * The order of the rules is the safety argument, so each rule says what it protects.
 */
import type { Duty, HandedOver, MysqldState } from '@cotton/core';

/** What this mysqld is set up to follow. */
export interface Following {
  /** Epoch for which it was pointed at the source. */
  epoch: number;
  source: string;
  sourceUuid: string;
  /** It acknowledges what it receives. */
  semiSync: boolean;
}

/** The rules that are in force on this primary. */
export interface Enforced {
  generation: number;
  /** Server ids that are locked out. */
  barred: readonly number[];
}

/** What stands here and now. Everything that belongs to one life of mysqld is forgotten when that life ends. */
export interface Local {
  /** Highest epoch that is durable in the volume, and its id. */
  epoch: number;
  epochId: string;
  mysqld: MysqldState;
  /**
   * It accepts writes, in this epoch, waiting for so many acknowledgements. Set before mysqld is told to and confirmed
   * after it has: a call that failed half-way may still have opened it.
   */
  open: { epoch: number; ackCount: number; confirmed: boolean } | null;
  /** This life was open in that epoch and was closed in good order: nobody waits for an acknowledgement any more. */
  handedOver: HandedOver | null;
  /** Highest epoch that this data is noted, durably, to have led. */
  ledEpoch: number;
  /** Highest generation that is noted, durably, to have been seen. */
  durableGeneration: number;
  enforced: Enforced | null;
  /** Transactions may still be arriving from a source. */
  receiving: boolean;
  /** Epoch of the position that was taken last. */
  reportedEpoch: number | null;
  /** Epoch for which this life applied everything received, and that it is noted to lead. */
  appliedEpoch: number | null;
  following: Following | null;
  /** Receiver and applier run, on the source that control names. */
  attached: boolean;
  /** It was compared with its source since it is attached. */
  compared: boolean;
  /** Members that may attach to this primary: those whose accounts exist. */
  accountsFor: string;
  /** Epoch in which the scheduled events of the data were switched on. */
  eventsEpoch: number | null;
}

export type Step =
  | { do: 'nothing'; because: string }
  | { do: 'start-mysqld' }
  /** SIGKILL: an orderly shutdown would acknowledge what no replica has (MySQL 9.7, tried). */
  | { do: 'kill-mysqld'; because: string }
  | { do: 'persist-epoch'; epoch: number; epochId: string }
  | { do: 'stop-receiving' }
  | { do: 'report-position'; epoch: number }
  | { do: 'apply'; epoch: number; elected: string }
  | { do: 'follow' }
  | { do: 'set-semi-sync'; on: boolean }
  | { do: 'watch-replication' }
  | { do: 'open'; epoch: number; generation: number; ackCount: number; barred: readonly number[] }
  | { do: 'enforce'; generation: number; ackCount: number; barred: readonly number[] }
  | { do: 'hand-over'; id: string; epoch: number; graceMs: number }
  | { do: 'ensure-accounts' }
  | { do: 'enable-events'; epoch: number };

type InEpoch = Exclude<Duty, { kind: 'wait' }>;
type Of<Kind extends Duty['kind']> = Extract<Duty, { kind: Kind }>;

/** `accountsFor` names the members control lists, as `Local.accountsFor` does. */
export function nextStep(duty: Duty, local: Local, accountsFor: string): Step {
  if (local.mysqld === 'down') return { do: 'start-mysqld' };
  if (local.mysqld !== 'serving') return { do: 'nothing', because: 'mysqld is not up yet' };
  if (duty.kind !== 'wait' && isForeign(duty, local)) return { do: 'nothing', because: foreign(duty, local) };
  // Whoever is no longer the primary must not acknowledge another write, whatever else is to be done. Also not in a
  // later epoch of its own: what was elected for that one may not be all that was written here.
  if (local.open && !isOwnReign(duty, local.open.epoch))
    return { do: 'kill-mysqld', because: `its duty is to ${duty.kind}` };
  switch (duty.kind) {
    case 'wait':
      // A stranger to its cluster, or one that is not counted on, must not acknowledge.
      return local.receiving ? { do: 'stop-receiving' } : { do: 'nothing', because: 'waits for control' };
    case 'report':
      return stepToReport(duty, local);
    case 'follow':
      return stepToFollow(duty, local);
    case 'lead':
      return stepToLead(duty, local, accountsFor);
    case 'hand-over':
      return stepToHandOver(duty, local);
  }
}

/**
 * Whether it acknowledges, and up to which generation that was ordered and done; undefined while the order is not
 * carried out. The scheduler lets a primary unlock a member that says `on: false`, so that has to be certain.
 */
export function acksOf(duty: Duty, local: Local): { generation: number; on: boolean } | undefined {
  if (local.mysqld !== 'serving' || (duty.kind !== 'wait' && isForeign(duty, local))) return undefined;
  const { generation } = duty;
  if (!local.receiving)
    return duty.kind === 'follow' && duty.semiSync ? undefined : { generation, on: false };
  if (duty.kind !== 'follow' || !isPointed(duty, local)) return undefined;
  return local.following?.semiSync === duty.semiSync ? { generation, on: duty.semiSync } : undefined;
}

/**
 * Older than what this volume has acted in, or another epoch of the same number: control is an old copy (ZooKeeper was
 * restored). Whoever acted on it could undo what has been acknowledged since.
 */
export function isForeign(duty: InEpoch, local: Pick<Local, 'epoch' | 'epochId'>): boolean {
  return duty.epoch < local.epoch || (duty.epoch === local.epoch && duty.epochId !== local.epochId);
}

function foreign(duty: InEpoch, local: Local): string {
  const theirs = `epoch ${duty.epoch} (${duty.epochId})`;
  return `control's ${theirs} is not after this volume's epoch ${local.epoch} (${local.epochId})`;
}

function isOwnReign(duty: Duty, epoch: number): boolean {
  return (duty.kind === 'lead' || duty.kind === 'hand-over') && duty.epoch === epoch;
}

/** Stop first, then remember the epoch, then tell: a report must never be overtaken by a later arrival. */
function stepToReport(duty: Of<'report'>, local: Local): Step {
  if (local.receiving) return { do: 'stop-receiving' };
  if (local.epoch < duty.epoch) return persist(duty);
  if (local.reportedEpoch !== duty.epoch) return { do: 'report-position', epoch: duty.epoch };
  return { do: 'nothing', because: `reported for epoch ${duty.epoch}` };
}

function stepToFollow(duty: Of<'follow'>, local: Local): Step {
  const pointed = isPointed(duty, local);
  // What it holds is compared with the new source's, so nothing may come in from another one meanwhile.
  if (local.receiving && !pointed) return { do: 'stop-receiving' };
  if (local.epoch < duty.epoch) return persist(duty);
  if (!pointed || (local.attached && !local.compared)) return { do: 'follow' };
  if (local.following?.semiSync !== duty.semiSync) return { do: 'set-semi-sync', on: duty.semiSync };
  // Should ZooKeeper be restored from a copy that does not know this generation, a restarted executor must still know it.
  if (local.durableGeneration < duty.generation) return persist(duty);
  return { do: 'watch-replication' };
}

function isPointed(duty: Of<'follow'>, { following }: Local): boolean {
  return (
    following?.epoch === duty.epoch &&
    following.source === duty.source.instance &&
    following.sourceUuid === duty.sourceUuid
  );
}

function stepToLead(duty: Of<'lead'>, local: Local, accountsFor: string): Step {
  const { epoch, generation, ackCount, barred } = duty;
  // Of this very life: it may open, or open again.
  const isOurs = local.open !== null || local.appliedEpoch === epoch || local.handedOver?.epoch === epoch;
  if (!isOurs && local.ledEpoch >= epoch)
    // A life of this mysqld led this epoch and ended: replicas may since have been counted on elsewhere.
    return { do: 'nothing', because: `led epoch ${epoch} before it restarted; waits for an election` };
  if (local.receiving) return { do: 'stop-receiving' };
  if (local.epoch < epoch) return persist(duty);
  if (!isOurs) return { do: 'apply', epoch, elected: duty.elected };
  if (!local.open?.confirmed) return { do: 'open', epoch, generation, ackCount, barred };
  if (local.durableGeneration < generation) return persist(duty);
  const { enforced } = local;
  // Before anything that writes: a write may have to wait for exactly this change.
  if (
    enforced?.generation !== generation ||
    enforced.barred.join() !== barred.join() ||
    local.open.ackCount !== ackCount
  )
    return { do: 'enforce', generation, ackCount, barred };
  if (local.accountsFor !== accountsFor) return { do: 'ensure-accounts' };
  if (local.eventsEpoch !== epoch) return { do: 'enable-events', epoch };
  return { do: 'nothing', because: `leads epoch ${epoch}` };
}

function stepToHandOver({ id, epoch, graceMs }: Of<'hand-over'>, local: Local): Step {
  const { handedOver } = local;
  if (handedOver?.epoch === epoch && handedOver.id === id)
    return { do: 'nothing', because: `handed over in epoch ${epoch}` };
  // Closed for an earlier attempt counts for nothing: only an answer to this one proves that nothing older is under way.
  if (local.open || handedOver?.epoch === epoch) return { do: 'hand-over', id, epoch, graceMs };
  return { do: 'nothing', because: `has nothing to hand over: not open in epoch ${epoch}` };
}

function persist({ epoch, epochId }: InEpoch): Step {
  return { do: 'persist-epoch', epoch, epochId };
}
