import type { Control, Member, Voter } from './documents.ts';

/** Who this instance is, as far as its duty depends on it: acknowledging is for exactly the data control names. */
export interface Self {
  instance: string;
  taskId: string;
  /** null while the data are not known yet. */
  voter: Voter | null;
}

/** What all members of an epoch share. */
interface InEpoch {
  epoch: number;
  epochId: string;
  generation: number;
}

/** The part one instance has to play, as control stands. Its executor works towards exactly one of these. */
export type Duty =
  /** Run mysqld closed, receive nothing, report, and wait. */
  | { kind: 'wait'; generation: number }
  /** Stop receiving (a former primary: kill mysqld and start it closed), make the epoch durable, report the position. */
  | ({ kind: 'report' } & InEpoch)
  /** Follow `source`; acknowledge (semi-sync) only when `semiSync`. `reach`: say when this set is applied. */
  | ({
      kind: 'follow';
      source: Member;
      sourceUuid: string;
      elected: string;
      semiSync: boolean;
      reach: string | null;
    } & InEpoch)
  /** Be the primary: contain `elected` before opening, wait for `ackCount` acknowledgements, lock out `barred`. */
  | ({ kind: 'lead'; elected: string; ackCount: number; barred: number[] } & InEpoch)
  /** Be the primary that closes, and say what it has; ready to open again in the same epoch. */
  | ({ kind: 'hand-over'; id: string; graceMs: number } & InEpoch);

/** What `self` must do now. `control` undefined: nothing was ever published for this cluster. */
export function dutyOf(control: Control | undefined, self: Self): Duty {
  // By its task: after a restore of ZooKeeper two may have been launched for one member.
  const member = control?.members.some((m) => m.instance === self.instance && m.taskId === self.taskId);
  if (!control || !member) return { kind: 'wait', generation: control?.generation ?? 0 };
  const { epoch, epochId, generation, elected, ackCount, barred, switchover } = control;
  const inEpoch = { epoch, epochId, generation };
  const isPrimary = self.instance === control.primary;
  switch (control.phase) {
    case 'forming':
    case 'deleting':
      return { kind: 'wait', generation };
    case 'electing':
      return { kind: 'report', ...inEpoch };
    case 'steady':
      return isPrimary
        ? { kind: 'lead', ...inEpoch, elected, ackCount, barred }
        : follow(control, self, inEpoch, null);
    case 'switching':
      if (isPrimary && switchover)
        return { kind: 'hand-over', ...inEpoch, id: switchover.id, graceMs: switchover.graceMs };
      return follow(
        control,
        self,
        inEpoch,
        self.instance === switchover?.target ? switchover.handedOver : null,
      );
  }
}

function follow(control: Control, self: Self, inEpoch: InEpoch, reach: string | null): Duty {
  const source = control.members.find((m) => m.instance === control.primary);
  if (!source || !control.sourceUuid) return { kind: 'wait', generation: control.generation };
  const { sourceUuid, elected } = control;
  const semiSync = control.inSync.some((voter) => sameVoter(voter, self.voter));
  return { kind: 'follow', ...inEpoch, source, sourceUuid, elected, semiSync, reach };
}

export function sameVoter(a: Voter, b: Voter | null | undefined): boolean {
  return (
    a.instance === b?.instance &&
    a.volumeId === b.volumeId &&
    a.serverUuid === b.serverUuid &&
    a.bootId === b.bootId
  );
}

/** What a lagging server of ZooKeeper still has, or a restored one has again: what it orders may since have been undone elsewhere. */
export function isOlderControl(control: Control, known: Control): boolean {
  if (control.epoch !== known.epoch) return control.epoch < known.epoch;
  if (control.epochId !== known.epochId) return true;
  return control.generation < known.generation;
}
