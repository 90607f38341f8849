/** mysql2 with a bound on everything: its own limits leave promises open when a server stops or vanishes. */
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import type { Socket } from 'node:net';
import type { Place } from './signpost.ts';

export interface Account {
  user: string;
  password: string;
}

export interface Answer {
  rows: RowDataPacket[];
  /** Of the transaction that the statement committed, where the session tracks it. */
  gtid?: string;
}

export const CONNECT_LIMIT_MS = 1_500;

/** @throws when nobody answers in time */
export async function connect(place: Place, account: Account, database?: string): Promise<Connection> {
  const { host, port } = place;
  const { user, password } = account;
  const opening = createConnection({
    ...{ host, port, user, password },
    ...(database !== undefined && { database }),
    connectTimeout: CONNECT_LIMIT_MS,
  });
  // A stopped server takes connections and says nothing.
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${host}:${port} says nothing`)), CONNECT_LIMIT_MS);
  try {
    const sql = await Promise.race([opening, late.promise]);
    // A killed server breaks connections; the broken promise is the news, not the event.
    sql.on('error', () => undefined);
    return sql;
  } catch (error) {
    void opening.then((sql) => sql.destroy()).catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** @throws when the server refused, did not answer in time, or the connection ended */
export async function query(
  sql: Connection,
  statement: string,
  values: unknown[],
  timeoutMs: number,
): Promise<Answer> {
  const ended = Promise.withResolvers<never>();
  const late = setTimeout(() => ended.reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
  const gone = (): void => ended.reject(new Error('the connection was closed'));
  const stream = streamOf(sql);
  stream.once('close', gone);
  if (stream.destroyed) gone();
  try {
    const asked = sql.query<RowDataPacket[] | ResultSetHeader>(statement, values);
    const [result] = await Promise.race([asked, ended.promise]);
    if (Array.isArray(result)) return { rows: result };
    const { stateChanges } = result as ResultSetHeader & { stateChanges?: { gtids?: string[] } };
    const gtid = stateChanges?.gtids?.[0];
    return { rows: [], ...(gtid !== undefined && { gtid }) };
  } finally {
    clearTimeout(late);
    stream.off('close', gone);
  }
}

/** For a server that may never answer: mysql2's own `destroy` waits until the other side has taken all that was sent. */
export function hangUp(sql: Connection): void {
  sql.destroy();
  streamOf(sql).destroy();
}

function streamOf(sql: Connection): Socket {
  return (sql as unknown as { connection: { stream: Socket } }).connection.stream;
}
