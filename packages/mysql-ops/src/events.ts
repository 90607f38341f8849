import type { Admin } from './admin.ts';
import { countdown, type Countdown, type Limit } from './limit.ts';
import { OWN_SCHEMA } from './marker.ts';
import type { Session } from './session.ts';

/*
 * Replication marks every event REPLICA_SIDE_DISABLED on a replica, those that their owner disabled included (MySQL
 * 9.7, tried): a promoted replica no longer knows which to enable. So the primary keeps a list of the disabled ones
 * where it is replicated.
 */
const TABLE = `${OWN_SCHEMA}.disabled_event`;

/** On the primary: brings the list up to date. Writes nothing, and waits for nobody, where it is. */
export async function noteDisabledEvents(admin: Admin, limit: Limit): Promise<void> {
  const time = countdown(limit);
  await admin.on('marker', limit, async (session) => {
    const disabled = await pairs(session, EVENTS, ['DISABLED'], time);
    const noted = await notedEvents(session, time);
    const gone = noted.filter((event) => !includes(disabled, event));
    const fresh = disabled.filter((event) => !includes(noted, event));
    if (fresh.length > 0) await session.run(CREATE_SCHEMA, [], time.left());
    if (fresh.length > 0) await session.run(CREATE_TABLE, [], time.left());
    for (const event of fresh) await session.run(`REPLACE INTO ${TABLE} VALUES (?, ?)`, event, time.left());
    for (const event of gone)
      await session.run(`DELETE FROM ${TABLE} WHERE db = ? AND name = ?`, event, time.left());
  });
}

/**
 * Enables, on a new primary, the users' events that replication had disabled here and their owners had not. Goes
 * through the binary log, which marks them again on the replicas. Returns how many there were.
 */
export async function enableEvents(admin: Admin, limit: Limit): Promise<number> {
  const time = countdown(limit);
  return admin.on('marker', limit, async (session) => {
    const marked = await pairs(session, EVENTS, ['REPLICA_SIDE_DISABLED', 'SLAVESIDE_DISABLED'], time);
    if (marked.length === 0) return 0;
    const disabled = await notedEvents(session, time);
    for (const event of marked) {
      const state = includes(disabled, event) ? 'DISABLE' : 'ENABLE';
      await session.run(`ALTER EVENT ??.?? ${state}`, event, time.left());
    }
    return marked.length;
  });
}

type Event = [db: string, name: string];

const EVENTS =
  'SELECT EVENT_SCHEMA AS db, EVENT_NAME AS name FROM information_schema.EVENTS WHERE STATUS IN (?)';
const CREATE_SCHEMA = `CREATE DATABASE IF NOT EXISTS ${OWN_SCHEMA}`;
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS ${TABLE}
  (db VARCHAR(64), name VARCHAR(64), PRIMARY KEY (db, name)) ENGINE = InnoDB`;

async function notedEvents(session: Session, time: Countdown): Promise<Event[]> {
  const there =
    'SELECT COUNT(*) AS count FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?';
  const { count } = await session.row(there, TABLE.split('.'), time.left());
  return Number(count) === 0 ? [] : pairs(session, `SELECT db, name FROM ${TABLE}`, [], time);
}

async function pairs(session: Session, sql: string, values: string[], time: Countdown): Promise<Event[]> {
  const rows = await session.rows(sql, [values], time.left());
  return rows.map(({ db, name }) => [String(db), String(name)]);
}

function includes(events: Event[], [db, name]: Event): boolean {
  return events.some((event) => event[0] === db && event[1] === name);
}
