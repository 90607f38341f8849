import { position } from '@cotton/mysql-ops';
import { writeEpoch } from './epoch-file.ts';
import { followSource, switchSemiSync } from './follow-source.ts';
import {
  apply,
  createAccounts,
  enableScheduledEvents,
  enforce,
  handOverLead,
  openLead,
} from './lead-steps.ts';
import { killMysqld, startMysqld } from './mysqld-life.ts';
import type { Step } from './next-step.ts';
import { stopReceiver } from './receiver.ts';
import { adminOf, type StepContext } from './step-context.ts';
import { watchReplication } from './watch-replication.ts';

const QUERY_MS = 5_000;

/** Performs one step and notes in the state what is true after it. Throws when it failed: the turn is then repeated. */
export async function performStep(
  step: Exclude<Step, { do: 'nothing' }>,
  context: StepContext,
): Promise<void> {
  switch (step.do) {
    case 'start-mysqld':
      return startMysqld(context);
    case 'kill-mysqld':
      return killMysqld(context, step.because);
    case 'persist-epoch':
      return persistEpoch(context, step);
    case 'stop-receiving':
      return stopReceiver(context);
    case 'report-position':
      return reportPosition(context, step.epoch);
    case 'apply':
      return apply(context, step);
    case 'follow':
      return followSource(context);
    case 'set-semi-sync':
      return switchSemiSync(context, step.on);
    case 'watch-replication':
      return watchReplication(context);
    case 'open':
      return openLead(context, step);
    case 'enforce':
      return enforce(context, step);
    case 'hand-over':
      return handOverLead(context, step);
    case 'ensure-accounts':
      return createAccounts(context);
    case 'enable-events':
      return enableScheduledEvents(context, step.epoch);
  }
}

/** Crash before this is durable: the old epoch stands and nothing was said of the new one. After it: acted in, unsaid. */
async function persistEpoch({ state, volume }: StepContext, { epoch, epochId }: EpochOf): Promise<void> {
  const { ledEpoch, generation } = state;
  await writeEpoch(volume, { epoch, epochId, ledEpoch, generation });
  Object.assign(state, { epoch, epochId, durableGeneration: generation });
}

type EpochOf = Extract<Step, { do: 'persist-epoch' }>;

async function reportPosition(context: StepContext, epoch: number): Promise<void> {
  const { state, signal } = context;
  const { executed, received, purged } = await position(adminOf(context), { deadlineMs: QUERY_MS, signal });
  state.position = { epoch, executed, received, purged, led: state.ledEpoch };
  state.reportedEpoch = epoch;
}
