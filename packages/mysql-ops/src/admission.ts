import type { Admin } from './admin.ts';
import { countdown, type Countdown, type Limit } from './limit.ts';
import { MysqlOpsError } from './error.ts';
import type { Session } from './session.ts';

export interface Admission {
  /** Replication accounts that may not connect, and whose connections end. */
  barred: readonly string[];
  /** Those that may. */
  admitted: readonly string[];
}

const POLL_MS = 5;
const NO_SUCH_THREAD = 1094;

/**
 * Locks accounts out of this mysqld, or lets them in again. When it returns, no dump thread of a barred account is left,
 * and none can begin: whatever commits from now on, they cannot acknowledge. (A killed dump thread alone comes back
 * within seconds; a lock alone leaves the running one.) Accounts that do not exist are skipped.
 *
 * The locks are this server's own: they go into no binary log, so they neither wait for an acknowledgement nor become
 * a transaction that a later primary lacks. Account statements queue behind one of a user's that waits for its
 * acknowledgement (MySQL 9.7, tried): then this misses its deadline.
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
    await endDumps(session, admission.barred, time);
  });
}

async function lockStates(session: Session, users: string[], time: Countdown): Promise<Map<string, boolean>> {
  if (users.length === 0) return new Map();
  const sql = "SELECT user, account_locked AS locked FROM mysql.user WHERE host = '%' AND user IN (?)";
  const rows = await session.rows(sql, [users], time.left());
  return new Map(rows.map((row) => [String(row.user), row.locked === 'Y']));
}

/** Past the binary log, and on a closed mysqld too: read_only keeps everybody else from writing meanwhile. */
async function onItsOwn(session: Session, time: Countdown, work: () => Promise<void>): Promise<void> {
  const row = await session.row('SELECT @@GLOBAL.super_read_only AS closed', [], time.left());
  const isClosed = Number(row.closed) === 1;
  await session.run('SET SESSION sql_log_bin = OFF', [], time.left());
  try {
    if (isClosed) await session.run('SET GLOBAL super_read_only = OFF', [], time.left());
    await work();
    if (isClosed) await session.run('SET GLOBAL super_read_only = ON', [], time.left());
  } catch (error) {
    // This session must not go back among the others with its binary log off.
    session.destroy();
    throw error;
  }
  await session.run('SET SESSION sql_log_bin = ON', [], time.left());
}

const DUMPS = `SELECT ID AS id FROM performance_schema.processlist
  WHERE COMMAND LIKE 'Binlog Dump%' AND USER IN (?)`;

async function endDumps(session: Session, users: readonly string[], time: Countdown): Promise<void> {
  if (users.length === 0) return;
  for (;;) {
    const dumps = await session.rows(DUMPS, [users], time.left());
    if (dumps.length === 0) return;
    for (const { id } of dumps) await kill(session, Number(id), time);
    await time.pause(POLL_MS);
  }
}

async function kill(session: Session, id: number, time: Countdown): Promise<void> {
  await session.run('KILL ?', [id], time.left()).catch((error: unknown) => {
    if (!(error instanceof MysqlOpsError) || error.errno !== NO_SUCH_THREAD) throw error;
  });
}
