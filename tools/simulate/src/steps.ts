/** The executor's steps, each in its pieces: what a crash, or a new control, may leave between them. */
import type { Duty } from '@cotton/core';
import type { Step } from '@cotton/executor/brain';
import type { Executor } from './executor.ts';
import { followSource, setSemiSync, watchReplication } from './follow.ts';
import { apply, enforce, ensureAccounts, handOver, openLead } from './lead.ts';
import { killMysqld, startMysqld } from './mysqld-life.ts';
import type { Steps } from './process.ts';
import { stopReceiver } from './receiver.ts';
import { sql } from './statement.ts';

export function* perform(executor: Executor, step: Exclude<Step, { do: 'nothing' }>, duty: Duty): Steps {
  switch (step.do) {
    case 'start-mysqld':
      return yield* executor.shielded(startMysqld(executor));
    case 'kill-mysqld':
      return yield* executor.shielded(killMysqld(executor));
    case 'persist-epoch':
      return yield* executor.shielded(persistEpoch(executor, step));
    case 'stop-receiving':
      return yield* stopReceiver(executor);
    case 'report-position':
      return yield* reportPosition(executor, step.epoch);
    case 'apply':
      return yield* apply(executor, step);
    case 'follow':
      return yield* followSource(executor, duty);
    case 'set-semi-sync':
      return yield* setSemiSync(executor, duty, step.on);
    case 'watch-replication':
      return yield* watchReplication(executor, duty);
    case 'open':
      return yield* openLead(executor, step, duty);
    case 'enforce':
      return yield* enforce(executor, step);
    case 'hand-over':
      return yield* handOver(executor, step);
    case 'ensure-accounts':
      return yield* ensureAccounts(executor);
    case 'enable-events':
      executor.state.eventsEpoch = step.epoch;
  }
}

type Persist = Extract<Step, { do: 'persist-epoch' }>;

/** Crash before the file is there: the old epoch stands, and nothing was said of the new one. */
function* persistEpoch(executor: Executor, { epoch, epochId }: Persist): Steps {
  const { state, volume, world } = executor;
  const { ledEpoch, generation } = state;
  const record = { epoch, epochId, ledEpoch, generation };
  if (world.has('epoch-told-before-durable')) {
    Object.assign(state, { epoch, epochId });
    executor.publish();
    yield world.takes(50, 400);
    volume.epoch = record;
    return;
  }
  yield world.takes(0.5, 6);
  while (volume.isDead) yield 100;
  volume.epoch = record;
  yield world.takes(0.5, 6);
  Object.assign(state, { epoch, epochId, durableGeneration: generation });
}

function* reportPosition(executor: Executor, epoch: number): Steps {
  const { state } = executor;
  const { executed, received, purged } = yield* sql(executor, (m) => m.position());
  state.position = { epoch, executed, received, purged, led: state.ledEpoch };
  state.reportedEpoch = epoch;
}
