import type { Admin } from './admin.ts';
import { hasCode, MysqlOpsError } from './error.ts';
import type { Limit } from './limit.ts';
import { requireReadOnly } from './read-only.ts';
import type { Session } from './session.ts';

/**
 * Throws the relay logs and all settings of replication away: for `relay_logs_unreadable`. What was received and not
 * applied is lost here, so only where nobody counts on this instance's acknowledgements.
 * @throws MysqlOpsError `not_read_only`
 */
export async function forgetReceived(admin: Admin, limit: Limit): Promise<void> {
  await requireReadOnly(admin, limit);
  await admin.on('steps', limit, (session) => forgetAll(session, limit));
}

export async function forgetAll(session: Session, limit: Limit): Promise<void> {
  await session.run('STOP REPLICA', [], limit);
  await session.run('RESET REPLICA ALL', [], limit);
}

/** Metadata of the receiver, of the applier: a mysqld that ended in the middle of a change of them has left these. */
const UNREADABLE = [1871, 1872];

/** Waits for `work`. @throws MysqlOpsError `relay_logs_unreadable` where MySQL refuses for that */
export async function needingRelayLogs<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    const isUnreadable = hasCode(error, 'statement_failed') && UNREADABLE.includes(error.errno ?? 0);
    throw isUnreadable ? new MysqlOpsError('relay_logs_unreadable', error.message) : error;
  });
}
