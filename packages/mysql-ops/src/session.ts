import mysql, { type Connection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { MysqlOpsError } from './error.ts';
import { type Limit, within } from './limit.ts';

export const ADMIN_USER = 'cotton_admin';

export type Row = Record<string, unknown>;

export interface Endpoint {
  socketPath?: string;
  host?: string;
  port?: number;
  user: string;
  password: string;
}

/** Nothing that a user's my.cnf says may change what our statements mean. */
const SESSION_SETTINGS = [
  "sql_mode = 'STRICT_TRANS_TABLES'",
  'autocommit = 1',
  'wait_timeout = 31536000',
  'session_track_gtids = OWN_GTID',
  'innodb_lock_wait_timeout = 1',
].map((setting) => `SESSION ${setting}`);

/** One connection to mysqld with a time limit on every statement. A statement that misses it ends the session. */
export class Session {
  readonly #connection: Connection;
  #broken = false;
  #isOrphaned = false;

  private constructor(connection: Connection) {
    this.#connection = connection;
    connection.on('error', () => (this.#broken = true));
    connection.on('end', () => (this.#broken = true));
  }

  /** @throws MysqlOpsError `unreachable`, `deadline`, `aborted` */
  static async open(endpoint: Endpoint, limit: Limit): Promise<Session> {
    const opening = mysql.createConnection({
      ...endpoint,
      connectTimeout: Math.ceil(limit.deadlineMs),
      ...FORMATS,
    });
    try {
      return new Session(await within(limit, opening));
    } catch (error) {
      void opening.then((late) => late.destroy()).catch(() => undefined);
      if (error instanceof MysqlOpsError) throw error;
      const { message, errno } = error as { message: string; errno?: number };
      throw new MysqlOpsError('unreachable', message, { errno });
    }
  }

  /** An administration session: knows its own settings whatever my.cnf says. */
  static async openForAdministration(endpoint: Endpoint, limit: Limit): Promise<Session> {
    const session = await Session.open(endpoint, limit);
    try {
      await session.run(`SET ${SESSION_SETTINGS.join(', ')}`, [], limit);
      return session;
    } catch (error) {
      session.destroy();
      throw error;
    }
  }

  get isBroken(): boolean {
    return this.#broken;
  }

  /** This session's id in mysqld, when a statement of its was given up that mysqld may still be working on. */
  get orphan(): number | undefined {
    return this.#isOrphaned ? this.#connection.threadId : undefined;
  }

  /** Rows of a query. Values become literals at this side: no statement is ever put together from them. */
  async rows(sql: string, values: unknown[], limit: Limit): Promise<Row[]> {
    return (await this.#query(sql, values, limit)) as RowDataPacket[];
  }

  /** The one row of a query that has exactly one. */
  async row(sql: string, values: unknown[], limit: Limit): Promise<Row> {
    const [row] = await this.rows(sql, values, limit);
    if (!row) throw new MysqlOpsError('statement_failed', 'a row was expected');
    return row;
  }

  /** A statement without rows. Returns the GTID it committed under, where there is one. */
  async run(sql: string, values: unknown[], limit: Limit): Promise<string | undefined> {
    const header = (await this.#query(sql, values, limit)) as ResultSetHeader & {
      stateChanges?: { gtids?: string[] };
    };
    return header.stateChanges?.gtids?.[0];
  }

  destroy(): void {
    this.#broken = true;
    this.#connection.destroy();
  }

  async #query(sql: string, values: unknown[], limit: Limit): Promise<unknown> {
    try {
      const [result] = await within(limit, this.#connection.query(sql, values));
      return result;
    } catch (error) {
      throw this.#translated(error);
    }
  }

  /** The driver's error carries the statement, and statements carry secrets: only code and message pass. */
  #translated(error: unknown): MysqlOpsError {
    if (error instanceof MysqlOpsError) {
      // Its answer could come any time and be taken for that of the next statement.
      this.#isOrphaned = true;
      this.destroy();
      return error;
    }
    const { message, errno, fatal } = error as { message: string; errno?: number; fatal?: boolean };
    if (fatal || errno === undefined) this.#broken = true;
    return new MysqlOpsError(this.#broken ? 'unreachable' : 'statement_failed', message, { errno });
  }
}

const FORMATS = {
  supportBigNumbers: true,
  bigNumberStrings: false,
  dateStrings: true,
  charset: 'utf8mb4_0900_ai_ci',
};
