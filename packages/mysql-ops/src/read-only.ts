import type { Admin } from './admin.ts';
import { MysqlOpsError } from './error.ts';
import { countdown, type Limit } from './limit.ts';
import { withLockWait } from './lock-wait.ts';

const CLOSE = 'SET GLOBAL super_read_only = ON';
const OPEN = 'SET GLOBAL super_read_only = OFF, GLOBAL read_only = OFF';

/** Clients may have been shut out by a hand-over. */
export const ADMIT_WRITERS = `${OPEN}, GLOBAL offline_mode = OFF`;

/**
 * super_read_only on or off, and nothing else. On waits for the commits under way; behind one that waits for an
 * acknowledgement it misses its deadline.
 * @throws MysqlOpsError `deadline`
 */
export async function setReadOnly(admin: Admin, on: boolean, limit: Limit): Promise<void> {
  const lockWaitS = Math.max(1, Math.ceil(limit.deadlineMs / 1000));
  const time = countdown(limit);
  await admin.on('steps', limit, (session) =>
    withLockWait(session, time, () => session.run(on ? CLOSE : OPEN, [], time.left()), lockWaitS),
  );
}

/** Until now only administration could connect. */
export async function admitClients(admin: Admin, limit: Limit): Promise<void> {
  await admin.on('steps', limit, (session) => session.run('SET GLOBAL offline_mode = OFF', [], limit));
}

/** Refuses a step that would let waiting writers go unacknowledged. @throws MysqlOpsError `not_read_only` */
export async function requireReadOnly(admin: Admin, limit: Limit): Promise<void> {
  const row = await admin.on('observe', limit, (s) =>
    s.row('SELECT @@GLOBAL.super_read_only AS closed', [], limit),
  );
  if (Number(row.closed) !== 1) throw new MysqlOpsError('not_read_only', 'restart it closed first');
}
