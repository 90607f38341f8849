import type { Admin } from './admin.ts';
import { hasCode, MysqlOpsError } from './error.ts';
import { countdown, type Countdown, type Limit } from './limit.ts';
import { OWN_SCHEMA, untilAcknowledged } from './marker.ts';
import type { Row, Session } from './session.ts';

/*
 * Replication marks every event REPLICA_SIDE_DISABLED on a replica, those that their owner disabled included (MySQL
 * 9.7, tried): a promoted replica no longer knows which to enable. So the primary keeps a list of the disabled ones
 * where it is replicated.
 */
const TABLE = `${OWN_SCHEMA}.disabled_event`;

/** On the primary: brings the list up to date. Writes nothing, and waits for nobody, where it is. */
export async function noteDisabledEvents(admin: Admin, limit: Limit): Promise<void> {
  const time = countdown(limit);
  await admin.on('writes', limit, async (session) => {
    const disabled = await pairs(session, DISABLED, time);
    const noted = await notedEvents(session, time);
    const fresh = disabled.filter((event) => !includes(noted, event));
    const gone = noted.filter((event) => !includes(disabled, event));
    if (fresh.length + gone.length > 0) await untilAcknowledged(admin, time.left());
    if (fresh.length > 0) await session.run(CREATE_SCHEMA, [], time.left());
    if (fresh.length > 0) await session.run(CREATE_TABLE, [], time.left());
    for (const event of fresh) await session.run(`REPLACE INTO ${TABLE} VALUES (?, ?)`, event, time.left());
    for (const event of gone)
      await session.run(`DELETE FROM ${TABLE} WHERE db = ? AND name = ?`, event, time.left());
  });
}

/**
 * Enables, on a new primary, the users' events that replication had disabled here and their owners had not. Nothing
 * else about them changes. Goes through the binary log, which marks them again on the replicas. Returns what could not
 * be enabled, in words for people.
 * @throws MysqlOpsError `deadline`: the rest is still to do
 */
export async function enableEvents(admin: Admin, limit: Limit): Promise<string[]> {
  const time = countdown(limit);
  return admin.on('writes', limit, async (session) => {
    const marked = await session.rows(MARKED, [], time.left());
    if (marked.length === 0) return [];
    const disabled = await notedEvents(session, time);
    // An ALTER EVENT that nobody acknowledges waits for good, and every further try would wait behind it.
    await untilAcknowledged(admin, time.left());
    const problems: string[] = [];
    try {
      for (const row of marked) {
        const event: Event = [String(row.db), String(row.name)];
        const state = includes(disabled, event) ? 'DISABLE' : 'ENABLE';
        await alterEvent(session, row, state, time).catch((error: unknown) => {
          if (!hasCode(error, 'statement_failed')) throw error;
          problems.push(`${event.join('.')}: ${error.message}`);
        });
      }
      return problems;
    } finally {
      // Also after an abort: the next statement of this session would be read in a client's character set.
      if (!session.isBroken)
        await session.run(OUR_CHARSET, [], { deadlineMs: RESET_MS }).catch(() => session.destroy());
    }
  });
}

const MARKED = `SELECT EVENT_SCHEMA AS db, EVENT_NAME AS name, DEFINER AS definer, CHARACTER_SET_CLIENT AS charset,
  COLLATION_CONNECTION AS collation FROM information_schema.EVENTS
  WHERE STATUS IN ('REPLICA_SIDE_DISABLED', 'SLAVESIDE_DISABLED')`;
const RESET_MS = 5_000;
const OUR_CHARSET = 'SET NAMES utf8mb4 COLLATE utf8mb4_0900_ai_ci';

/**
 * An event that is altered takes its definer and character sets from the session that alters it: as ours it would run
 * with all of our privileges, and read its own body wrongly.
 */
async function alterEvent(
  session: Session,
  { db, name, definer, charset, collation }: Row,
  state: 'ENABLE' | 'DISABLE',
  time: Countdown,
): Promise<void> {
  const [, user = '', host = ''] = /^(.*)@([^@]*)$/s.exec(String(definer)) ?? [];
  const names = [String(db), String(name), user, host];
  // The driver goes on sending UTF-8, whatever the session is told.
  if (!String(charset).startsWith('utf8') && names.some((text) => /[^\x20-\x7e]/.test(text)))
    throw new MysqlOpsError('statement_failed', `its name cannot be sent in ${String(charset)}`);
  await session.run(
    'SET character_set_client = ?, collation_connection = ?',
    [charset, collation],
    time.left(),
  );
  const statement = `ALTER DEFINER = ?@? EVENT ??.?? ${state}`;
  await session.run(statement, [user, host, db, name], time.left());
}

/**
 * Ends the event scheduler until the next start of mysqld. A shutdown waits eight seconds for its thread as long as a
 * replica is connected (MySQL 9.7, tried).
 */
export async function stopEventScheduler(session: Session, limit: Limit): Promise<void> {
  await session.run('SET GLOBAL event_scheduler = OFF', [], limit).catch((error: unknown) => {
    // Where it is DISABLED it cannot be told anything.
    if (!hasCode(error, 'statement_failed')) throw error;
  });
}

type Event = [db: string, name: string];

const DISABLED =
  "SELECT EVENT_SCHEMA AS db, EVENT_NAME AS name FROM information_schema.EVENTS WHERE STATUS = 'DISABLED'";
const CREATE_SCHEMA = `CREATE DATABASE IF NOT EXISTS ${OWN_SCHEMA}`;
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS ${TABLE}
  (db VARCHAR(64), name VARCHAR(64), PRIMARY KEY (db, name)) ENGINE = InnoDB`;

async function notedEvents(session: Session, time: Countdown): Promise<Event[]> {
  const there =
    'SELECT COUNT(*) AS count FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?';
  const { count } = await session.row(there, TABLE.split('.'), time.left());
  return Number(count) === 0 ? [] : pairs(session, `SELECT db, name FROM ${TABLE}`, time);
}

async function pairs(session: Session, sql: string, time: Countdown): Promise<Event[]> {
  const rows = await session.rows(sql, [], time.left());
  return rows.map(({ db, name }) => [String(db), String(name)]);
}

function includes(events: Event[], [db, name]: Event): boolean {
  return events.some((event) => event[0] === db && event[1] === name);
}
