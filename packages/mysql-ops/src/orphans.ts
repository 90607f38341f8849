import { MysqlOpsError } from './error.ts';
import type { Countdown } from './limit.ts';
import type { Session } from './session.ts';

const POLL_MS = 5;
const NO_SUCH_THREAD = 1094;

/**
 * Ends what sessions that were given up still do in mysqld, so that it cannot take effect after what comes next. A
 * commit that waits for its acknowledgement is left alone: killing does not end it (MySQL 9.7, tried), and its effect
 * has long happened.
 * @throws MysqlOpsError `deadline`: one of them does not end (STOP REPLICA on a full disk); then kill mysqld
 */
export async function endOrphans(session: Session, orphans: Set<number>, time: Countdown): Promise<void> {
  while (orphans.size > 0) {
    const alive = new Set((await session.rows(ALIVE, [[...orphans]], time.left())).map((r) => Number(r.id)));
    for (const id of orphans) if (!alive.has(id)) orphans.delete(id);
    for (const id of orphans)
      await session.run('KILL ?', [id], time.left()).catch((error: unknown) => {
        if (!(error instanceof MysqlOpsError) || error.errno !== NO_SUCH_THREAD) throw error;
      });
    if (orphans.size > 0) await time.pause(POLL_MS);
  }
}

const ALIVE = `SELECT ID AS id FROM performance_schema.processlist
  WHERE ID IN (?) AND COALESCE(STATE, '') NOT LIKE 'Waiting for semi-sync ACK%'`;
