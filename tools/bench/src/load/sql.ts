/** mysql2 with a bound on everything: its own limits leave promises open when a server stops or vanishes. */
import type { Connection, ConnectionOptions, RowDataPacket } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';

export interface Place {
  host: string;
  port: number;
}

export interface Account {
  user: string;
  password: string;
}

export const isSamePlace = (one: Place | undefined, other: Place | undefined): boolean =>
  one?.host === other?.host && one?.port === other?.port;

/** @throws when nobody answers in time */
export async function connect(to: ConnectionOptions, limitMs: number): Promise<Connection> {
  const opening = createConnection({ ...to, connectTimeout: limitMs });
  try {
    // A stopped server takes connections and says nothing.
    const sql = await withLimit(opening, limitMs, 'nobody answers');
    // A killed server breaks connections; the broken promise is the news, not the event.
    sql.on('error', () => undefined);
    return sql;
  } catch (error) {
    void opening.then((sql) => sql.destroy()).catch(() => undefined);
    throw error;
  }
}

/** @throws when it was refused, not answered in time, or the connection ended, also by `destroy` */
export async function query(
  sql: Connection,
  statement: string,
  values: unknown[],
  limitMs: number,
): Promise<RowDataPacket[]> {
  const ended = Promise.withResolvers<never>();
  const gone = (): void => ended.reject(new Error('the connection was closed'));
  const { stream } = (sql as unknown as { connection: { stream: Stream } }).connection;
  stream.once('close', gone);
  if (stream.destroyed) gone();
  try {
    const asked = Promise.race([sql.query<RowDataPacket[]>(statement, values), ended.promise]);
    const [rows] = await withLimit(asked, limitMs, `no answer to ${statement.slice(0, 60)}`);
    return rows;
  } finally {
    stream.off('close', gone);
  }
}

type Stream = NodeJS.EventEmitter & { destroyed: boolean };

async function withLimit<T>(work: Promise<T>, limitMs: number, otherwise: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${otherwise} in ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
