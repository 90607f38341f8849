/** One application's connection to the primary: found through discovery, opened again after every failure. */
import type { Connection } from 'mysql2/promise';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Incarnation } from '../history.ts';
import type { Incarnations } from './incarnations.ts';
import type { Place, Signpost } from './signpost.ts';
import { type Account, type Answer, connect, CONNECT_LIMIT_MS, hangUp, query } from './sql.ts';

export interface ClientOptions {
  signpost: Signpost;
  account: Account;
  database: string;
  incarnations: Incarnations;
  /** Leaves a server when discovery names another; a stubborn client stays until its connection fails. */
  isStubborn: boolean;
}

/** A server that is gone without a word is given up, as a careful application would. */
const PROMPT_LIMIT_MS = 5_000;
const STUBBORN_LIMIT_MS = 20_000;
const RETRY_MS = 10;

export interface Session {
  server: Incarnation;
  /** @throws when the server refused, did not answer in time or went away: nobody knows then what happened */
  run(statement: string, values?: unknown[]): Promise<Answer>;
}

interface OpenSession {
  sql: Connection;
  place: Place;
  session: Session;
}

export class Client {
  readonly #options: ClientOptions;
  readonly #limitMs: number;
  readonly #stopListening: () => void;
  #open: OpenSession | undefined;
  #isClosed = false;
  lastError = '';

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#limitMs = options.isStubborn ? STUBBORN_LIMIT_MS : PROMPT_LIMIT_MS;
    this.#stopListening = options.isStubborn
      ? () => undefined
      : options.signpost.onChange(() => this.#leaveOldPrimary());
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** A session with the primary that discovery names; undefined (after a pause) when there is none. */
  async session(): Promise<Session | undefined> {
    if (this.#open) return this.#open.session;
    const place = this.#options.signpost.primary;
    try {
      if (!place) throw new Error('no primary is published');
      this.#open = await this.#connect(place);
      return this.#open.session;
    } catch (error) {
      this.failed(error);
      await sleep(RETRY_MS);
      return undefined;
    }
  }

  /** After a failure the connection's state is anybody's guess. */
  failed(error: unknown): void {
    this.lastError = (error as Error).message;
    this.#drop();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopListening();
    this.#drop();
  }

  #drop(): void {
    if (this.#open) hangUp(this.#open.sql);
    this.#open = undefined;
  }

  #leaveOldPrimary(): void {
    const { primary } = this.#options.signpost;
    const { place } = this.#open ?? {};
    if (primary && place && (primary.host !== place.host || primary.port !== place.port)) this.#drop();
  }

  async #connect(place: Place): Promise<OpenSession> {
    const { account, database, incarnations } = this.#options;
    const sql = await connect(place, account, database);
    try {
      const uuid = await query(sql, 'SELECT @@server_uuid AS uuid', [], CONNECT_LIMIT_MS);
      const uptime = await query(sql, "SHOW GLOBAL STATUS LIKE 'Uptime'", [], CONNECT_LIMIT_MS);
      await query(sql, 'SET SESSION session_track_gtids = OWN_GTID', [], CONNECT_LIMIT_MS);
      const seconds = Number(uptime.rows[0]?.['Value']);
      const server = incarnations.nameOf(String(uuid.rows[0]?.['uuid']), seconds, Date.now());
      const run: Session['run'] = (statement, values = []) => query(sql, statement, values, this.#limitMs);
      return { sql, place, session: { server, run } };
    } catch (error) {
      sql.destroy();
      throw error;
    }
  }
}
