import type { Control, Duty, InstanceSecrets, TaskData } from '@cotton/core';
import type { Log } from '@cotton/log';
import type { Admin } from '@cotton/mysql-ops';
import type { InstanceState } from './instance-state.ts';
import type { MysqldKeeper } from './mysqld-keeper.ts';

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

/** The sessions of a mysqld that serves. */
export function adminOf({ keeper }: StepContext): Admin {
  const { admin } = keeper;
  if (!admin) throw new Error('mysqld ended during the step');
  return admin;
}
