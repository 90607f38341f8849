/** Faults as data: what is done to whom, and when. Nothing here touches anything. */
import type { Dice } from '../dice.ts';
import type { CutHow } from '../lab/host.ts';

/**
 * `primary` is whoever is it when the step comes; the others keep their part for the whole round: `old primary` was it
 * at the beginning, `first replica` and `second replica` were its replicas.
 */
export type Member = 'primary' | 'old primary' | 'first replica' | 'second replica' | 'replicas' | 'members';

export type Controller =
  | 'leading scheduler'
  | 'standby scheduler'
  | 'schedulers'
  | 'leading master'
  | 'masters'
  | 'first zookeeper'
  | 'leading zookeeper'
  /** All but the first. */
  | 'other zookeepers'
  | 'zookeepers';

/** Whom a cut can be between. */
export type Party = Member | Controller | 'clients';

export type MemberPart = 'mysqld' | 'executor' | 'agent' | 'host';

export type Step =
  | { do: 'wait'; ms: number }
  /** Until the cluster has another epoch and takes writes; goes on after the limit. */
  | { do: 'await new primary'; limitMs: number }
  | { do: 'await election'; limitMs: number }
  /** Each is the primary, or its acknowledgements count; goes on after the limit. */
  | { do: 'await in sync'; of: Member; limitMs: number }
  | { do: 'signal'; part: MemberPart; of: Member; signal: NodeJS.Signals }
  | { do: 'signal controller'; of: Controller; signal: NodeJS.Signals }
  /** Everything on the host ends at once; `reboots`: the next processes there see another boot id. */
  | { do: 'power off'; of: Member; reboots: boolean; cutsRelayLogs?: boolean }
  | { do: 'start agent'; of: Member; asNewAgent?: boolean }
  | { do: 'start controller'; of: Controller }
  | { do: 'wipe volume'; of: Member }
  | { do: 'cut'; one: Party; other: readonly Party[]; how: CutHow }
  | { do: 'heal' }
  | { do: 'fill disk'; of: Member }
  | { do: 'freeze disk'; of: Member }
  /** Room again, and writes go on. */
  | { do: 'free disks' }
  /** A user's session, which stays open; a statement that waits is left waiting. */
  | { do: 'hold'; of: Member; statements: readonly string[] }
  | { do: 'release' }
  | { do: 'save zookeeper' }
  | { do: 'restore zookeeper' }
  | { do: 'occupy port'; of: Member }
  | { do: 'switch over'; to: Member; despiteObstacles?: true }
  /** `members`: that many more (or less) than at the beginning. `acks`: null is the default. */
  | { do: 'change'; members?: number; acks?: number | null; minInSync?: number };

export type Need = 'namespaces' | 'small disks' | 'freezable disks';

export interface Fault {
  name: string;
  /** For the table of results. */
  about: string;
  needs?: readonly Need[];
  /** It touches nobody who serves data, so the primary has to stay. */
  keepsPrimary?: true;
  /** Outside of what Cotton promises: what is lost is shown, and is no failure. */
  mayLose?: true;
  steps(dice: Dice): Step[];
}

export const wait = (ms: number): Step => ({ do: 'wait', ms });
export const newPrimary: Step = { do: 'await new primary', limitMs: 20_000 };
export const election: Step = { do: 'await election', limitMs: 20_000 };
export const heal: Step = { do: 'heal' };

export function signal(part: MemberPart, of: Member, name: NodeJS.Signals): Step {
  return { do: 'signal', part, of, signal: name };
}

export function controller(of: Controller, name: NodeJS.Signals): Step {
  return { do: 'signal controller', of, signal: name };
}

export function cut(one: Party, other: readonly Party[], how: CutHow): Step {
  return { do: 'cut', one, other, how };
}

export const EITHER: readonly CutHow[] = ['drop', 'reset'];
