import type { Countdown } from './limit.ts';
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
  const sql = `SELECT user, host FROM mysql.user WHERE ${ONLY_HERE} = CAST('true' AS JSON)`;
  const unlogged = await session.rows(sql, [], time.left());
  if (unlogged.length === 0) return;
  await onItsOwn(session, time, async () => {
    for (const { user, host } of unlogged) await session.run('DROP USER ?@?', [user, host], time.left());
  });
}
