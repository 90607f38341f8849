import { MesosError } from '../error.ts';
import type { MasterFinder } from '../master/finder.ts';
import type { BasicCredential } from '../transport/auth.ts';
import type { After } from '../transport/time.ts';
import { after } from '../transport/time.ts';
import type { FrameworkInfo, SchedulerCallSubscribe } from '../wire/generated/types.ts';
import type { SchedulerConnectionEvent } from './events.ts';

export interface SchedulerOptions {
  /** Where the leading master is; the connection does not close it. See `masterFinder`. */
  master: MasterFinder;
  /** With `id` to come back as an existing framework; without it the first SUBSCRIBED brings one. */
  framework: FrameworkInfo;
  /**
   * Called for every event, in order and never twice at a time. What it throws becomes an
   * uncaught exception: a framework that cannot handle an event must not go on as if it had.
   */
  onEvent: (event: SchedulerConnectionEvent) => void;
  credential?: BasicCredential;
  /**
   * Asked before each attempt to subscribe; once it says no there is none any more. For schedulers with standbys: one
   * that was deposed in its sleep must not take the framework back from its successor.
   */
  mayConnect?: () => boolean;
  /** Sent with every SUBSCRIBE; a role not named here is offered to after each resubscription. */
  subscribeWith?: Pick<SchedulerCallSubscribe, 'suppressedRoles' | 'offerConstraints'>;
  /** After how many heartbeats without a sign of life the master counts as lost. Default 5. */
  missedHeartbeats?: number;
  /** How long a connect or an answer may take. Default 10 s. */
  timeoutMs?: number;
  /** Longest wait between two attempts; the first waits are shorter. Default 10 s. */
  maxBackoffMs?: number;
  /** For tests. */
  after?: After;
  random?: () => number;
}

export type CheckedSchedulerOptions = Required<Omit<SchedulerOptions, 'credential'>> &
  Pick<SchedulerOptions, 'credential'>;

export function checkSchedulerOptions(options: SchedulerOptions): CheckedSchedulerOptions {
  const checked = {
    mayConnect: () => true,
    subscribeWith: {},
    missedHeartbeats: 5,
    timeoutMs: 10_000,
    maxBackoffMs: 10_000,
    after,
    random: Math.random,
    ...options,
  };
  const { framework, missedHeartbeats, timeoutMs, maxBackoffMs } = checked;
  if (framework.name === '') throw new MesosError('option', 'framework.name must not be empty');
  for (const [name, value] of Object.entries({ missedHeartbeats, timeoutMs, maxBackoffMs })) {
    if (!(value > 0)) throw new MesosError('option', `${name} must be positive`);
  }
  return checked;
}
