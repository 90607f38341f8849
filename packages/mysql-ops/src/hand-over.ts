import type { Admin } from './admin.ts';
import { countdown, type Countdown, type Limit } from './limit.ts';
import { isLockWaitTimeout, withLockWait } from './lock-wait.ts';
import { killClientSessions } from './primary.ts';
import { ADMIT_WRITERS } from './read-only.ts';
import { type Position, position } from './replication.ts';
import { endSessions, IS_CLIENT } from './sessions.ts';

const RETRY_MS = 20;

/**
 * Closes a primary for a planned switchover and returns what it has, which is then final: no commit is under way any
 * more, and clients have no sessions left. Clients that hold it up keep their sessions for `graceMs`. None is let in
 * until `reopen`, `openForWrites` or `follow`: on a closed mysqld XA COMMIT still writes (MySQL 9.7, tried). When it
 * fails, mysqld is as it was.
 * @throws MysqlOpsError `deadline`: commits wait for an acknowledgement, or a client's lock did not yield
 */
export async function handOver(
  admin: Admin,
  { graceMs }: { graceMs: number },
  limit: Limit,
): Promise<Position> {
  const time = countdown(limit);
  const graceEndsAt = performance.now() + graceMs;
  try {
    while (!(await tryToClose(admin, time))) {
      if (performance.now() >= graceEndsAt) await killClientSessions(admin, time.left());
      await time.pause(RETRY_MS);
    }
    await admin.on('steps', time.left(), async (session) => {
      await session.run('SET GLOBAL event_scheduler = OFF, GLOBAL offline_mode = ON', [], time.left());
      await endSessions(session, IS_CLIENT, [], time);
    });
    return await position(admin, time.left());
  } catch (error) {
    await reopen(admin, { deadlineMs: REOPEN_MS }).catch(() => undefined);
    throw error;
  }
}

const REOPEN_MS = 5_000;

/** False when somebody's lock was in the way. */
async function tryToClose(admin: Admin, time: Countdown): Promise<boolean> {
  return admin.on('steps', time.left(), async (session) => {
    const close = () => session.run('SET GLOBAL super_read_only = ON', [], time.left());
    try {
      await withLockWait(session, time, close);
      return true;
    } catch (error) {
      if (isLockWaitTimeout(error)) return false;
      throw error;
    }
  });
}

/** Opens a primary that has handed over, or was about to, with the acknowledgements it waited for before. */
export async function reopen(admin: Admin, limit: Limit): Promise<void> {
  await admin.on('steps', limit, async (session) => {
    await session.run(ADMIT_WRITERS, [], limit);
    await session.run('SET GLOBAL event_scheduler = ON', [], limit);
  });
}
