import type { Control, Member } from './documents.ts';

/** The part one instance has to play, as control stands. Its executor works towards exactly one of these. */
export type Duty =
  /** Run mysqld closed, report, and wait. */
  | { kind: 'wait' }
  /** Stop receiving (a former primary: kill mysqld and start it closed), make the epoch durable, report the position. */
  | { kind: 'report'; epoch: number }
  /** Winner: apply everything received until `elected` is contained, then say so. */
  | { kind: 'apply'; epoch: number; elected: string }
  /** Follow `source`; acknowledge (semi-sync) only when `semiSync`. */
  | {
      kind: 'follow';
      epoch: number;
      source: Member;
      sourceUuid: string;
      elected: string | null;
      semiSync: boolean;
    }
  /** Be the primary, each commit waiting for `ackCount` acknowledgements. */
  | { kind: 'lead'; epoch: number; ackCount: number };

/** What `instance` must do now. `control` undefined: nothing was ever published for this cluster. */
export function dutyOf(control: Control | undefined, instance: string): Duty {
  const member = control?.members.some((m) => m.instance === instance);
  if (!control || !member) return { kind: 'wait' };
  switch (control.phase) {
    case 'forming':
    case 'deleting':
      return { kind: 'wait' };
    case 'electing':
      return { kind: 'report', epoch: control.epoch };
    case 'promoting':
      return instance === control.candidate
        ? { kind: 'apply', epoch: control.epoch, elected: control.elected ?? '' }
        : follow(control, control.candidate, true);
    case 'steady':
      return instance === control.primary
        ? { kind: 'lead', epoch: control.epoch, ackCount: control.ackCount }
        : follow(
            control,
            control.primary,
            control.inSync.some((v) => v.instance === instance),
          );
  }
}

function follow(control: Control, sourceId: string | null, semiSync: boolean): Duty {
  const source = control.members.find((m) => m.instance === sourceId);
  if (!source || !control.sourceUuid) return { kind: 'wait' };
  const { epoch, sourceUuid, elected } = control;
  return { kind: 'follow', epoch, source, sourceUuid, elected, semiSync };
}
