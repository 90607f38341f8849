/** What is done to whom, and what has to be known of them. */
import type { Account, Place } from '@cotton/chaos';
import type { Writers, Route } from '../load/writers.ts';
import type { StepTime } from '../arithmetic/chain.ts';

export const FAULTS = {
  kill: "kill -9 of the primary's mysqld",
  host: "the primary's host lost: agent, executor and mysqld killed at once",
  isolated: "the primary's host cut off from everybody",
  stopped: "SIGSTOP of the primary's mysqld",
  switchover: 'planned switchover',
  takeover: 'kill -9 of the leading scheduler',
} as const;

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

export interface Contender {
  name: string;
  account: Account;
  route: Route;
  /** What can be done to it here. */
  faults: readonly FaultName[];
  /** Whole again, and quiet. @throws when it does not become so in time */
  untilReady(): Promise<void>;
  inflict(fault: FaultName): Promise<Wound>;
  /** Where the time went, in order; for those who tell. */
  steps?(fault: FaultName, wound: Wound, writers: Writers): Promise<StepTime[]>;
  close(): Promise<void>;
}

/** A fault that was inflicted. */
export interface Wound {
  /** Just before, in ms since the epoch. */
  atMs: number;
  /** Where writes went until then. */
  from: Place;
  /** Writes go on elsewhere when it is over; otherwise it is over when this resolves, with the time it took. */
  over?: Promise<number>;
  /** Undoes what does not mend itself. */
  heal(): Promise<void>;
}
