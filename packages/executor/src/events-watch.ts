import type { Log } from '@cotton/log';
import { noteDisabledEvents } from '@cotton/mysql-ops';
import type { InstanceState } from './instance-state.ts';
import type { MysqldKeeper } from './mysqld-keeper.ts';

const PERIOD_MS = 15_000;
const NOTE_MS = 5_000;

/**
 * Keeps, on the primary, the list of the events that their owners have disabled. Not before the events of this epoch
 * are switched on: until then replication's mark hides which those are, and the list would be emptied.
 */
export function watchEvents({
  state,
  keeper,
  log,
}: {
  state: InstanceState;
  keeper: Pick<MysqldKeeper, 'admin'>;
  log: Log;
}): () => void {
  let isBusy = false;
  const look = async (): Promise<void> => {
    const { admin } = keeper;
    if (isBusy || !admin || !state.open?.confirmed || state.eventsEpoch !== state.open.epoch) return;
    isBusy = true;
    await noteDisabledEvents(admin, { deadlineMs: NOTE_MS }).catch((error: unknown) => {
      log.warn({ err: error }, 'disabled events could not be noted');
    });
    isBusy = false;
  };
  const timer = setInterval(() => void look(), PERIOD_MS);
  return () => clearInterval(timer);
}
