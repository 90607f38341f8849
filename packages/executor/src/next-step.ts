/**
 * The executor's brain: what to do next, given what control wants and what stands here. Pure; perform-step.ts does it.
 * The order of the rules is the safety argument, so each rule says what it protects.
 */
import type { Duty, MysqldState } from '@cotton/core';

/** What this mysqld is set up to follow. */
export interface Following {
  /** Epoch for which it was pointed at the source. */
  epoch: number;
  source: string;
  sourceUuid: string;
  /** Its acknowledgements count. */
  semiSync: boolean;
}

/** What stands here and now. Everything that belongs to one life of mysqld is forgotten when that life ends. */
export interface Local {
  /** Highest epoch that is durable in the volume. */
  epoch: number;
  mysqld: MysqldState;
  /**
   * It accepts writes, in this epoch, waiting for so many acknowledgements. Set before mysqld is told to and confirmed
   * after it has: a call that failed half-way may still have opened it.
   */
  open: { epoch: number; ackCount: number; confirmed: boolean } | null;
  /** Highest epoch that any life of this data was opened in. */
  ledEpoch: number;
  /** Transactions may still be arriving from a source. */
  receiving: boolean;
  /** Epoch of the position that was taken last. */
  reportedEpoch: number | null;
  /** Epoch for which everything received was applied. */
  appliedEpoch: number | null;
  following: Following | null;
  caughtUp: boolean;
  /** Members that may attach to this primary: those whose accounts exist. */
  accountsFor: string;
}

export type Step =
  | { do: 'nothing'; because: string }
  | { do: 'start-mysqld' }
  /** SIGKILL: an orderly shutdown would acknowledge what no replica has (MySQL 9.7, tried). */
  | { do: 'kill-mysqld'; because: string }
  | { do: 'persist-epoch'; epoch: number }
  | { do: 'stop-receiving' }
  | { do: 'report-position'; epoch: number }
  | { do: 'apply'; epoch: number }
  | { do: 'follow' }
  | { do: 'set-semi-sync'; on: boolean }
  | { do: 'watch-replication' }
  | { do: 'open'; epoch: number; ackCount: number }
  | { do: 'set-ack-count'; ackCount: number }
  | { do: 'ensure-accounts' };

/** `accountsFor` names the members control lists, as `Local.accountsFor` does. */
export function nextStep(duty: Duty, local: Local, accountsFor: string): Step {
  if (local.mysqld === 'down') return { do: 'start-mysqld' };
  if (local.mysqld !== 'serving') return { do: 'nothing', because: 'mysqld is not up yet' };
  // Whoever is no longer the primary must not acknowledge another write, whatever else is to be done.
  if (local.open && duty.kind !== 'lead')
    return { do: 'kill-mysqld', because: `its duty is to ${duty.kind}` };
  if (duty.kind === 'wait') return { do: 'nothing', because: 'waits for control' };
  if (duty.epoch < local.epoch)
    return {
      do: 'nothing',
      because: `control (epoch ${duty.epoch}) is older than what this volume has seen (epoch ${local.epoch})`,
    };
  switch (duty.kind) {
    case 'report':
      return stepToReport(duty.epoch, local);
    case 'apply':
      return stepToApply(duty.epoch, local);
    case 'follow':
      return stepToFollow(duty, local);
    case 'lead':
      return stepToLead(duty, local, accountsFor);
  }
}

/** Stop first, then remember the epoch, then tell: a report must never be overtaken by a later arrival. */
function stepToReport(epoch: number, local: Local): Step {
  if (local.receiving) return { do: 'stop-receiving' };
  if (local.epoch < epoch) return { do: 'persist-epoch', epoch };
  if (local.reportedEpoch !== epoch) return { do: 'report-position', epoch };
  return { do: 'nothing', because: `reported for epoch ${epoch}` };
}

function stepToApply(epoch: number, local: Local): Step {
  if (local.receiving) return { do: 'stop-receiving' };
  if (local.epoch < epoch) return { do: 'persist-epoch', epoch };
  if (local.appliedEpoch !== epoch) return { do: 'apply', epoch };
  return { do: 'nothing', because: `applied everything for epoch ${epoch}` };
}

function stepToFollow(duty: Extract<Duty, { kind: 'follow' }>, local: Local): Step {
  if (local.epoch < duty.epoch) return { do: 'persist-epoch', epoch: duty.epoch };
  const { following } = local;
  const attached =
    following?.epoch === duty.epoch &&
    following.source === duty.source.instance &&
    following.sourceUuid === duty.sourceUuid;
  if (!attached) return { do: 'follow' };
  if (following.semiSync !== duty.semiSync) return { do: 'set-semi-sync', on: duty.semiSync };
  return { do: 'watch-replication' };
}

function stepToLead(duty: Extract<Duty, { kind: 'lead' }>, local: Local, accountsFor: string): Step {
  if (!local.open && local.ledEpoch >= duty.epoch)
    // A life of this mysqld led this epoch and ended: replicas may since have been counted on elsewhere.
    return { do: 'nothing', because: `led epoch ${duty.epoch} before it restarted; waits for an election` };
  if (local.receiving) return { do: 'stop-receiving' };
  if (local.epoch < duty.epoch) return { do: 'persist-epoch', epoch: duty.epoch };
  if (!local.open && local.appliedEpoch !== duty.epoch) return { do: 'apply', epoch: duty.epoch };
  if (local.open?.epoch !== duty.epoch || !local.open.confirmed)
    return { do: 'open', epoch: duty.epoch, ackCount: duty.ackCount };
  if (local.open.ackCount !== duty.ackCount) return { do: 'set-ack-count', ackCount: duty.ackCount };
  if (local.accountsFor !== accountsFor) return { do: 'ensure-accounts' };
  return { do: 'nothing', because: `leads epoch ${duty.epoch}` };
}
