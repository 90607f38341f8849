import type { Executor } from './executor.ts';
import type { Mysqld } from './mysqld.ts';
import type { Steps } from './process.ts';

export class StepFailed extends Error {}

const QUERY_MS = 5_000;

/**
 * One statement. A mysqld that stands still answers nothing, but does what it was sent when it goes on: also a
 * statement whose sender has given up. The next one is done after it.
 */
export function* sql<T>(executor: Executor, work: (mysqld: Mysqld) => T, deadlineMs = QUERY_MS): Steps<T> {
  const { world } = executor;
  const mysqld = serving(executor);
  const endsAtMs = world.loop.nowMs + deadlineMs;
  try {
    yield world.takes(0.2, 1.5);
    while (mysqld.frozen) {
      if (world.loop.nowMs >= endsAtMs) throw new StepFailed('deadline');
      yield 20;
    }
  } catch (error) {
    if (mysqld.alive && world.random.chance(0.5)) mysqld.do(() => work(mysqld));
    throw error;
  }
  if (!mysqld.alive) throw new StepFailed('mysqld ended during the step');
  const result = work(mysqld);
  yield world.takes(0.2, 1.5);
  if (!mysqld.alive) throw new StepFailed('mysqld ended during the step');
  return result;
}

export function serving({ mysqld }: Executor): Mysqld {
  if (!mysqld?.alive) throw new StepFailed('mysqld ended during the step');
  return mysqld;
}
