import { probe } from '@cotton/mysql-ops';
import type { Log } from './log.ts';
import type { MysqldKeeper } from './mysqld-keeper.ts';

const PERIOD_MS = 1_000;
const PROBE_MS = 3_000;
/** A machine that is merely busy answers one of so many. */
const MISSES_MAX = 4;

/**
 * Kills a mysqld that has stopped answering, so that it starts again closed and the cluster can go on without it. The
 * probe only reads: it waits neither for acknowledgements nor behind read locks. A mysqld that is starting or
 * recovering has no administrator's sessions yet and is not probed; one that is being rebuilt answers.
 */
export function watchForHangs(keeper: Pick<MysqldKeeper, 'admin' | 'kill'>, log: Log): () => void {
  let misses = 0;
  let isProbing = false;
  const look = async (): Promise<void> => {
    const { admin } = keeper;
    if (isProbing || !admin) return;
    isProbing = true;
    const result = await probe(admin, { deadlineMs: PROBE_MS });
    isProbing = false;
    misses = result.alive || keeper.admin !== admin ? 0 : misses + 1;
    if (misses < MISSES_MAX) return;
    misses = 0;
    log.error({ misses: MISSES_MAX, probeMs: PROBE_MS }, 'mysqld does not answer: kills it');
    await keeper.kill();
  };
  const timer = setInterval(() => void look(), PERIOD_MS);
  return () => clearInterval(timer);
}
