import type { Admin } from './admin.ts';
import { MysqlOpsError } from './error.ts';
import { countdown, type Limit, within } from './limit.ts';
import type { Session } from './session.ts';

/** A schema of our own in every cluster; the cluster's user can read it. */
export const OWN_SCHEMA = 'cotton';

const NO_SUCH_DATABASE = 1049;
const NO_SUCH_TABLE = 1146;

/** Markers that may wait in mysqld at the same time, each in a row of its own. */
export const MARKER_SLOTS = 32;
const nextSlot = new WeakMap<Admin, number>();

/**
 * Commits a small transaction of ours and returns its GTID. Where commits wait for acknowledgements it returns when
 * acknowledged. One that missed its deadline goes on waiting in mysqld; the next must not wait behind it, because an
 * acknowledgement that got lost comes only with a later write. When all slots wait it fails with `statement_failed`.
 * @throws MysqlOpsError `deadline`, `statement_failed`
 */
export async function marker(admin: Admin, limit: Limit): Promise<string> {
  const time = countdown(limit);
  const slot = nextSlot.get(admin) ?? 0;
  nextSlot.set(admin, (slot + 1) % MARKER_SLOTS);
  return admin.on('writes', limit, async (session) => {
    const gtid = await write(session, slot, time.left()).catch(async (error: unknown) => {
      if (!isMissing(error)) throw error;
      await createTable(session, time.left());
      return write(session, slot, time.left());
    });
    if (gtid === undefined) throw new MysqlOpsError('statement_failed', 'the marker has no GTID');
    return gtid;
  });
}

const pending = new WeakMap<Admin, Promise<unknown>>();

/**
 * Returns when a write has been acknowledged that began now or, where an earlier one still waits, then. Before statements
 * that must not wait in mysqld: they would hold locks, and each further try would add one. @throws as `marker`
 */
export async function untilAcknowledged(admin: Admin, limit: Limit): Promise<void> {
  let waiting = pending.get(admin);
  if (!waiting) {
    waiting = marker(admin, { deadlineMs: PENDING_MAX_MS }).finally(() => pending.delete(admin));
    pending.set(admin, waiting);
    waiting.catch(() => undefined);
  }
  await within(limit, waiting);
}

/** It ends with its mysqld. */
const PENDING_MAX_MS = 7 * 24 * 3600 * 1000;

function write(session: Session, slot: number, limit: Limit): Promise<string | undefined> {
  return session.run(
    `INSERT INTO ${OWN_SCHEMA}.marker (id, written_at) VALUES (?, NOW(6)) AS new
     ON DUPLICATE KEY UPDATE written_at = new.written_at`,
    [slot],
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

export function isMissing(error: unknown): boolean {
  return (
    error instanceof MysqlOpsError && (error.errno === NO_SUCH_DATABASE || error.errno === NO_SUCH_TABLE)
  );
}
