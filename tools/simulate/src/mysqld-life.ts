import type { Executor } from './executor.ts';
import type { Steps } from './process.ts';
import { StepFailed } from './statement.ts';

export function* startMysqld(executor: Executor): Steps {
  const { state, world } = executor;
  state.mysqld = 'starting';
  executor.publish();
  let isServing = false;
  try {
    yield world.takes(150, 1_200);
    while (executor.volume.isDead) yield 200;
    const mysqld = executor.bootMysqld();
    yield world.takes(50, 300);
    if (!mysqld.alive) throw new StepFailed('mysqld did not start');
    executor.noteServing(mysqld);
    isServing = true;
  } finally {
    if (!isServing) {
      state.mysqld = 'down';
      executor.mysqld?.kill();
      executor.mysqld = null;
    }
  }
}

export function* killMysqld(executor: Executor): Steps {
  const { mysqld, world } = executor;
  if (mysqld && world.has('demote-by-sigterm')) mysqld.terminate();
  executor.killMysqld();
  yield world.takes(1, 20);
}
