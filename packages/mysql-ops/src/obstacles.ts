import type { Admin } from './admin.ts';
import { countdown, type Countdown, type Limit } from './limit.ts';
import { isReadLocked } from './lock-wait.ts';
import type { Session } from './session.ts';
import { IS_CLIENT, sessionsWhere } from './sessions.ts';

export interface ObstacleLimits {
  /** An open transaction or a change of schema older than this may take long to end. */
  longS: number;
  /** So many changed rows take long to roll back or to be applied. */
  manyRows: number;
}

const DEFAULT_LIMITS: ObstacleLimits = { longS: 30, manyRows: 100_000 };
const MOST_NAMED = 10;

/**
 * Why closing this primary now would likely fail or take long, in words for people; none: nothing was found. Takes a
 * second where somebody holds a global read lock.
 */
export async function switchoverObstacles(
  admin: Admin,
  limit: Limit,
  limits: ObstacleLimits = DEFAULT_LIMITS,
): Promise<string[]> {
  const time = countdown(limit);
  const found = await admin.on('writes', limit, async (session) => [
    ...((await isReadLocked(session, time)) ? ['a session holds a global read lock'] : []),
    ...(await longTransactions(session, limits, time)),
    ...(await schemaChanges(session, limits, time)),
  ]);
  const more = found.length - MOST_NAMED;
  return more > 0 ? [...found.slice(0, MOST_NAMED), `and ${more} more`] : found;
}

async function longTransactions(
  session: Session,
  { longS, manyRows }: ObstacleLimits,
  time: Countdown,
): Promise<string[]> {
  const rows = await session.rows(LONG_TRANSACTIONS, [longS, manyRows], time.left());
  return rows.map(
    ({ id, age, changed }) =>
      `session ${String(id)} has had a transaction open for ${String(age)} s and changed ${String(changed)} rows`,
  );
}

const LONG_TRANSACTIONS = `SELECT trx_mysql_thread_id AS id, trx_rows_modified AS changed,
  TIMESTAMPDIFF(SECOND, trx_started, NOW()) AS age FROM information_schema.INNODB_TRX
  WHERE trx_mysql_thread_id <> 0
  AND (TIMESTAMPDIFF(SECOND, trx_started, NOW()) >= ? OR trx_rows_modified >= ?)`;

/** Only the first word is told: statements carry secrets. */
async function schemaChanges(
  session: Session,
  { longS }: ObstacleLimits,
  time: Countdown,
): Promise<string[]> {
  const rows = await sessionsWhere(
    session,
    `TIME >= ? AND ${IS_CLIENT} AND ${IS_SCHEMA_CHANGE}`,
    [longS],
    time.left(),
  );
  return rows.map(
    ({ id, time_s }) => `session ${String(id)} has been changing a schema for ${String(time_s)} s`,
  );
}

const IS_SCHEMA_CHANGE = `REGEXP_LIKE(INFO, '^\\\\s*(/[*].*?[*]/\\\\s*)*(ALTER|CREATE|DROP|RENAME|TRUNCATE|OPTIMIZE|REPAIR)\\\\s', 'in')`;
