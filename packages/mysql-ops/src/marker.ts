import type { Admin } from './admin.ts';
import { MysqlOpsError } from './error.ts';
import { countdown, type Limit } from './limit.ts';
import type { Session } from './session.ts';

/** A schema of our own in every cluster; the cluster's user can read it. */
export const OWN_SCHEMA = 'cotton';

const NO_SUCH_DATABASE = 1049;
const NO_SUCH_TABLE = 1146;

/**
 * Commits a small transaction of ours and returns its GTID. Where commits wait for acknowledgements it returns when
 * acknowledged. One that missed its deadline goes on waiting in mysqld and holds the row: the next ones then fail
 * with `statement_failed` until it is acknowledged, so that they cannot pile up.
 * @throws MysqlOpsError `deadline`, `not_writable`
 */
export async function marker(admin: Admin, limit: Limit): Promise<string> {
  const time = countdown(limit);
  return admin.on('marker', limit, async (session) => {
    const gtid = await write(session, time.left()).catch(async (error: unknown) => {
      if (!isMissing(error)) throw error;
      await createTable(session, time.left());
      return write(session, time.left());
    });
    if (gtid === undefined) throw new MysqlOpsError('statement_failed', 'the marker has no GTID');
    return gtid;
  });
}

function write(session: Session, limit: Limit): Promise<string | undefined> {
  return session.run(
    `INSERT INTO ${OWN_SCHEMA}.marker (id, written_at) VALUES (1, NOW(6)) AS new
     ON DUPLICATE KEY UPDATE written_at = new.written_at`,
    [],
    limit,
  );
}

async function createTable(session: Session, limit: Limit): Promise<void> {
  await session.run(`CREATE DATABASE IF NOT EXISTS ${OWN_SCHEMA}`, [], limit);
  await session.run(
    `CREATE TABLE IF NOT EXISTS ${OWN_SCHEMA}.marker
     (id TINYINT PRIMARY KEY, written_at TIMESTAMP(6) NOT NULL) ENGINE = InnoDB`,
    [],
    limit,
  );
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof MysqlOpsError && (error.errno === NO_SUCH_DATABASE || error.errno === NO_SUCH_TABLE)
  );
}
