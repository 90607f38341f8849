import { hasCode } from './error.ts';
import type { Countdown } from './limit.ts';
import { isMissing, OWN_SCHEMA } from './marker.ts';
import type { Session } from './session.ts';

const RESET_MS = 5_000;
const LOCK_WAIT_TIMEOUT = 1205;

/** Whoever else needs the lock waits behind the one who waits for it. */
const SHORT_S = 1;

/** Waits a second for locks during `work`, or as long as given. */
export async function withLockWait<T>(
  session: Session,
  time: Countdown,
  work: () => Promise<T>,
  seconds = SHORT_S,
): Promise<T> {
  await session.run(`SET SESSION lock_wait_timeout = ${seconds}`, [], time.left());
  try {
    return await work();
  } finally {
    if (!session.isBroken)
      await session.run('SET SESSION lock_wait_timeout = DEFAULT', [], { deadlineMs: RESET_MS });
  }
}

export function isLockWaitTimeout(error: unknown): boolean {
  return hasCode(error, 'statement_failed') && error.errno === LOCK_WAIT_TIMEOUT;
}

/** Whether somebody's global read lock keeps all writers waiting. The answer yes takes a second. Not on a closed mysqld. */
export async function isReadLocked(session: Session, time: Countdown): Promise<boolean> {
  const sql = `SELECT id FROM ${OWN_SCHEMA}.marker WHERE FALSE FOR UPDATE`;
  try {
    await withLockWait(session, time, () => session.rows(sql, [], time.left()));
    return false;
  } catch (error) {
    if (isMissing(error)) return false;
    if (isLockWaitTimeout(error)) return true;
    throw error;
  }
}
