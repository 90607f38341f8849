import type { Countdown } from './limit.ts';
import { isLockWaitTimeout, withLockWait } from './lock-wait.ts';
import type { Session } from './session.ts';
import { killClients } from './sessions.ts';

/** Past the binary log, and on a closed mysqld too: read_only keeps everybody else from writing meanwhile. */
export async function onItsOwn(session: Session, time: Countdown, work: () => Promise<void>): Promise<void> {
  const row = await session.row('SELECT @@GLOBAL.super_read_only AS closed', [], time.left());
  const isClosed = Number(row.closed) === 1;
  await session.run('SET SESSION sql_log_bin = OFF', [], time.left());
  try {
    await (isClosed ? whileHalfOpen(session, time, work) : work());
    await session.run('SET SESSION sql_log_bin = ON', [], time.left());
  } catch (error) {
    // This session must not go back among the others with its binary log off.
    session.destroy();
    throw error;
  }
}

/** A client's read lock would hold it up, and with it a promotion: such a client loses its session. */
async function whileHalfOpen(session: Session, time: Countdown, work: () => Promise<void>): Promise<void> {
  await session.run('SET GLOBAL super_read_only = OFF', [], time.left());
  try {
    await withLockWait(session, time, work).catch(async (error: unknown) => {
      if (!isLockWaitTimeout(error)) throw error;
      await killClients(session, time.left());
      await work();
    });
  } finally {
    if (!session.isBroken) await session.run('SET GLOBAL super_read_only = ON', [], { deadlineMs: CLOSE_MS });
  }
}

/** Also after an abort. */
const CLOSE_MS = 5_000;
