import type { Countdown } from './limit.ts';
import { isLockWaitTimeout, withLockWait } from './lock-wait.ts';
import { onItsOwn } from './on-its-own.ts';
import type { Session } from './session.ts';

/**
 * What a replication account says of itself on the server that made it: true as long as no binary log has it, false
 * while it is being written there, nothing once it is there.
 */
export const ONLY_HERE = "User_attributes->'$.metadata.only_here'";

/**
 * On a closed mysqld, before it follows anybody: accounts that only it has, from its time as a primary. A tenant could
 * make such an account on a later primary, and the applier would stop at it or give it privileges of ours.
 * @throws MysqlOpsError `deadline`, `statement_failed`
 */
export async function dropUnlogged(session: Session, time: Countdown): Promise<void> {
  // A tenant's account may say so, too; SYSTEM_USER it cannot have.
  const sql = `SELECT user, host FROM mysql.user WHERE ${ONLY_HERE} = CAST('true' AS JSON)
    AND (user, host) IN (SELECT user, host FROM mysql.global_grants WHERE priv = 'SYSTEM_USER')`;
  const find = () => session.rows(sql, [], time.left());
  // An account statement that the applier is at may keep it from being read. Attaching is more urgent, and comes again.
  const unlogged = await withLockWait(session, time, find).catch((error: unknown) => {
    if (isLockWaitTimeout(error)) return [];
    throw error;
  });
  if (unlogged.length === 0) return;
  await onItsOwn(session, time, async () => {
    for (const { user, host } of unlogged) await session.run('DROP USER ?@?', [user, host], time.left());
  });
}
