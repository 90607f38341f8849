import type { Admin } from './admin.ts';
import { countdown, type Countdown, type Limit } from './limit.ts';
import { onItsOwn } from './on-its-own.ts';
import type { Session } from './session.ts';
import { endSessions } from './sessions.ts';

export interface Admission {
  /** Replication accounts that may not connect, and whose connections end. */
  barred: readonly string[];
  /** Those that may. */
  admitted: readonly string[];
}

/**
 * Locks accounts out of this mysqld, or lets them in again. When it returns, no session of a barred account is left,
 * and none can begin: whatever commits from now on, they cannot acknowledge. (A killed dump thread alone comes back
 * within seconds; a lock alone leaves the running one.) Accounts that do not exist are skipped.
 *
 * The locks are this server's own: they go into no binary log, so they neither wait for an acknowledgement nor become
 * a transaction that a later primary lacks. They outlive a restart, and CLONE copies them: a new primary admits
 * everybody it does not bar.
 *
 * It misses its deadline while a user's account statement waits for its acknowledgement, or a user holds a global read
 * lock (MySQL 9.7, tried). In the first case fewer acknowledgements let it go, and nothing else: as long as it waits
 * no replica can log in to acknowledge it.
 *
 * Also on a closed mysqld, before it opens as a primary: it then stays closed for everybody but us, and should this
 * fail half-way it is read_only, no longer super_read_only.
 * @throws MysqlOpsError `deadline`, `statement_failed`
 */
export async function setAdmission(admin: Admin, admission: Admission, limit: Limit): Promise<void> {
  const time = countdown(limit);
  await admin.on('steps', limit, async (session) => {
    const locked = await lockStates(session, [...admission.barred, ...admission.admitted], time);
    const toLock = admission.barred.filter((user) => locked.get(user) === false);
    const toUnlock = admission.admitted.filter((user) => locked.get(user) === true);
    if (toLock.length + toUnlock.length > 0)
      await onItsOwn(session, time, async () => {
        for (const user of toLock) await session.run("ALTER USER ?@'%' ACCOUNT LOCK", [user], time.left());
        for (const user of toUnlock)
          await session.run("ALTER USER ?@'%' ACCOUNT UNLOCK", [user], time.left());
      });
    // All of them, not only dump threads: one that has logged in may become one.
    if (admission.barred.length > 0) await endSessions(session, 'USER IN (?)', [admission.barred], time);
  });
}

async function lockStates(session: Session, users: string[], time: Countdown): Promise<Map<string, boolean>> {
  if (users.length === 0) return new Map();
  const sql = "SELECT user, account_locked AS locked FROM mysql.user WHERE host = '%' AND user IN (?)";
  const rows = await session.rows(sql, [users], time.left());
  return new Map(rows.map((row) => [String(row.user), row.locked === 'Y']));
}
