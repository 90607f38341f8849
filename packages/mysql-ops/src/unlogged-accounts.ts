import type { Admin } from './admin.ts';
import { countdown, type Countdown, type Limit } from './limit.ts';
import { isLockWaitTimeout, withLockWait } from './lock-wait.ts';
import { onItsOwn } from './on-its-own.ts';
import { requireReadOnly } from './read-only.ts';
import type { Row, Session } from './session.ts';

/**
 * What a replication account says of itself on the server that made it: true as long as no binary log has it, false
 * while it is being written there, nothing once it is there.
 */
export const ONLY_HERE = "User_attributes->'$.metadata.only_here'";

/**
 * On a closed mysqld, before it follows anybody: accounts that only it has, from its time as a primary. A tenant could
 * make such an account on a later primary, and the applier would stop at it or give it privileges of ours.
 * @throws MysqlOpsError `deadline`, `statement_failed`; `not_read_only`: it could not be closed again
 */
export async function dropUnlogged(admin: Admin, limit: Limit): Promise<void> {
  const unlogged = await admin.on('steps', limit, (session) => unloggedOn(session, countdown(limit)));
  if (unlogged.length === 0) return;
  // Not to be broken off: half-way this mysqld is read_only, no longer super_read_only.
  const whole = { deadlineMs: DROP_MS };
  await admin
    .on('steps', whole, async (session) => {
      const time = countdown(whole);
      await onItsOwn(session, time, async () => {
        for (const { user, host } of unlogged) await session.run('DROP USER ?@?', [user, host], time.left());
      });
    })
    .catch(async (error: unknown) => {
      await requireReadOnly(admin, whole);
      throw error;
    });
}

const DROP_MS = 5_000;

async function unloggedOn(session: Session, time: Countdown): Promise<Row[]> {
  // A tenant's account may say so, too; SYSTEM_USER it cannot have.
  const sql = `SELECT user, host FROM mysql.user WHERE ${ONLY_HERE} = CAST('true' AS JSON)
    AND (user, host) IN (SELECT user, host FROM mysql.global_grants WHERE priv = 'SYSTEM_USER')`;
  // An account statement that the applier is at may keep it from being read. Attaching is more urgent, and comes again.
  return withLockWait(session, time, () => session.rows(sql, [], time.left())).catch((error: unknown) => {
    if (isLockWaitTimeout(error)) return [];
    throw error;
  });
}
