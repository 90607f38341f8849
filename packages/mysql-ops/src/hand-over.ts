import type { Admin } from './admin.ts';
import { hasCode } from './error.ts';
import { countdown, type Countdown, type Limit } from './limit.ts';
import { killClientSessions } from './primary.ts';
import { type Position, position } from './replication.ts';

/** A try that waits longer would hold up every other writer behind it. */
const LOCK_WAIT_S = 1;
const RETRY_MS = 20;
const LOCK_WAIT_TIMEOUT = 1205;

/**
 * Closes a primary for a planned switchover and returns what it has, which is then final: no commit is under way any
 * more, and clients have no sessions left. Clients that hold it up keep their sessions for `graceMs`. When it fails,
 * mysqld is as it was.
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
    await admin.on('steps', limit, (s) => s.run('SET GLOBAL event_scheduler = OFF', [], time.left()));
    await killClientSessions(admin, time.left());
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
    await session.run(`SET SESSION lock_wait_timeout = ${LOCK_WAIT_S}`, [], time.left());
    try {
      await session.run('SET GLOBAL super_read_only = ON', [], time.left());
      return true;
    } catch (error) {
      if (hasCode(error, 'statement_failed') && error.errno === LOCK_WAIT_TIMEOUT) return false;
      throw error;
    } finally {
      if (!session.isBroken)
        await session.run('SET SESSION lock_wait_timeout = DEFAULT', [], { deadlineMs: REOPEN_MS });
    }
  });
}

/** Opens a primary that has handed over, or was about to, with the acknowledgements it waited for before. */
export async function reopen(admin: Admin, limit: Limit): Promise<void> {
  await admin.on('steps', limit, async (session) => {
    await session.run('SET GLOBAL super_read_only = OFF, GLOBAL read_only = OFF', [], limit);
    await session.run('SET GLOBAL event_scheduler = ON', [], limit);
  });
}

export interface ObstacleLimits {
  /** An open transaction older than this takes long to end. */
  longTransactionS: number;
  /** So many changed rows take long to roll back or to be applied. */
  manyRows: number;
}

const DEFAULT_LIMITS: ObstacleLimits = { longTransactionS: 30, manyRows: 100_000 };

/**
 * Why closing this primary now would likely fail or take long, in words for people; none: nothing was found. Whoever
 * holds a global read lock shows in markers that are not committed, not here.
 */
export async function switchoverObstacles(
  admin: Admin,
  limit: Limit,
  { longTransactionS, manyRows }: ObstacleLimits = DEFAULT_LIMITS,
): Promise<string[]> {
  return admin.on('observe', limit, async (session) => {
    const rows = await session.rows(LONG_TRANSACTIONS, [longTransactionS, manyRows], limit);
    return rows.map(
      ({ id, age, changed }) =>
        `session ${String(id)} has had a transaction open for ${String(age)} s and changed ${String(changed)} rows`,
    );
  });
}

const LONG_TRANSACTIONS = `SELECT trx_mysql_thread_id AS id, trx_rows_modified AS changed,
  TIMESTAMPDIFF(SECOND, trx_started, NOW()) AS age FROM information_schema.INNODB_TRX
  WHERE trx_mysql_thread_id <> 0
  AND (TIMESTAMPDIFF(SECOND, trx_started, NOW()) >= ? OR trx_rows_modified >= ?)`;
