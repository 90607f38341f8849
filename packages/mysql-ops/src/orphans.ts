import type { Countdown } from './limit.ts';
import type { Session } from './session.ts';
import { killSession, sessionsWhere } from './sessions.ts';

const POLL_MS = 5;

/**
 * Ends what sessions that were given up still do in mysqld, so that it cannot take effect after what comes next.
 * @throws MysqlOpsError `deadline`: one of them does not end (STOP REPLICA on a full disk); then kill mysqld
 */
export async function endOrphans(session: Session, orphans: Set<number>, time: Countdown): Promise<void> {
  while (orphans.size > 0) {
    const rows = await sessionsWhere(session, 'ID IN (?)', [[...orphans]], time.left());
    const alive = new Set(rows.map((row) => Number(row.id)));
    for (const id of orphans) {
      if (alive.has(id)) await killSession(session, id, time.left());
      else orphans.delete(id);
    }
    if (orphans.size > 0) await time.pause(POLL_MS);
  }
}
