import type { Log } from '@cotton/log';
import type { binaryLogBytes, purgeBinaryLogs } from '@cotton/mysql-ops';
import { type InstanceState, noteDetached } from './instance-state.ts';
import type { MysqldKeeper } from './mysqld-keeper.ts';

/** Looks are cheap, and a busy client fills a small disk within minutes. */
const PERIOD_MS = 10_000;
/** On a full disk a purge waits for room; given up, it would hold its session in mysqld all the same. So it is left. */
const WAIT_MS = 24 * 3_600_000;

/**
 * Errant transactions are saved out of the binary logs before the data are replaced. So these stay until it is known
 * that there are none: a marker that replicas acknowledged in this reign has proven it for a primary, the comparison
 * with its source for a replica, which must have caught up, too, or what it applies from now on might still be missed.
 */
export function mayPurge({ open, enforced, pulse, attached, caughtUp }: InstanceState): boolean {
  if (open) return open.confirmed && enforced !== null && pulse.settled >= enforced.generation;
  return attached && caughtUp;
}

export interface BinaryLogWatchParts {
  state: InstanceState;
  keeper: Pick<MysqldKeeper, 'admin'>;
  /** What all binary logs together may take. */
  keepBytes: number;
  size: typeof binaryLogBytes;
  purge: typeof purgeBinaryLogs;
  log: Log;
}

/**
 * Keeps the binary logs from filling the volume, on the primary and on replicas alike. A replica that has become errant
 * since it was compared is compared again before anything is thrown away: then it is saved, and its data are replaced.
 */
export function watchBinaryLogs(parts: BinaryLogWatchParts): () => void {
  const { state, keeper, keepBytes, size, purge, log } = parts;
  let isBusy = false;
  const look = async (): Promise<void> => {
    const { admin } = keeper;
    if (isBusy || !admin || !mayPurge(state)) return;
    isBusy = true;
    try {
      if (state.isErrant) {
        if ((await size(admin)) > keepBytes) noteDetached(state);
        return;
      }
      const freedBytes = await purge(admin, keepBytes, { deadlineMs: WAIT_MS });
      if (freedBytes > 0) log.info({ freedBytes, keepBytes }, 'old binary logs purged');
    } catch (error) {
      log.warn({ err: error }, 'old binary logs could not be purged');
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void look(), PERIOD_MS);
  return () => clearInterval(timer);
}
