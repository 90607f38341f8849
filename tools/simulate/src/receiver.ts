import { forgetSource } from '@cotton/executor/brain';
import type { Executor } from './executor.ts';
import { killMysqld } from './mysqld-life.ts';
import type { Steps } from './process.ts';
import { serving, sql, StepFailed } from './statement.ts';

const STOP_RECEIVER_MS = 500;

export function* stopReceiver(executor: Executor): Steps {
  const { state, world } = executor;
  const mysqld = serving(executor);
  const endsAtMs = world.loop.nowMs + STOP_RECEIVER_MS;
  if (world.has('report-without-stopping')) {
    forgetSource(state);
    return;
  }
  // On a full disk the receiver does not stop [X14].
  while (mysqld.disk.isDead || mysqld.frozen) {
    if (world.loop.nowMs >= endsAtMs) return yield* killMysqld(executor);
    yield 20;
    if (!mysqld.alive) throw new StepFailed('mysqld ended during the step');
  }
  yield* sql(executor, (m) => m.receiver?.stop(), STOP_RECEIVER_MS);
  forgetSource(state);
}
