/** Clients that write all the time, to wherever writes go, and remember when they were told that a write is kept. */
import { type Account, connect, hangUp, type Place, query } from '@cotton/chaos';
import { until } from '@cotton/setup';
import type { Connection } from 'mysql2/promise';
import { setTimeout as sleep } from 'node:timers/promises';
import { clockMs } from './clock.ts';

/** How clients find the server that takes writes. */
export interface Route {
  readonly primary: Place | undefined;
  /** Called on every change. Returns the way to stop. */
  onChange(listener: () => void): () => void;
}

/** Something that a client saw, and on which server. */
export interface Sighting {
  atMs: number;
  place: Place;
}

/** Enough to see a gap to within a few milliseconds, and not so much that the machine is busy with it. */
const CLIENTS = 4;
const PAUSE_MS = 4;
/** Unless the route changes before. */
const RETRY_MS = 50;
/** Clients without an answer wait for one: where writes go then is for the route to say. */
const WRITE_LIMIT_MS = 120_000;
const TABLE_LIMIT_MS = 180_000;
const INSERT = 'INSERT INTO bench.gaps (client) VALUES (?)';

export const isSamePlace = (one: Place | undefined, other: Place | undefined): boolean =>
  one?.host === other?.host && one?.port === other?.port;

export class Writers {
  readonly acknowledged: Sighting[] = [];
  /** Sessions that were opened. */
  readonly connected: Sighting[] = [];
  /** What the route said, whenever it changed. */
  readonly routed: Sighting[] = [];
  readonly #route: Route;
  readonly #account: Account;
  readonly #sessions = new Map<Connection, Place>();
  readonly #stopListening: () => void;
  readonly #running: Promise<void>[];
  #isStopping = false;
  #moved = Promise.withResolvers<void>();
  #lastError = '';

  /** @param route leads to a server that takes writes now */
  static async start(route: Route, account: Account): Promise<Writers> {
    await until(() => makeTable(route, account), {
      limitMs: TABLE_LIMIT_MS,
      what: 'the table for gaps is made',
    });
    return new Writers(route, account);
  }

  private constructor(route: Route, account: Account) {
    this.#route = route;
    this.#account = account;
    this.#stopListening = route.onChange(() => this.#move());
    this.#running = Array.from({ length: CLIENTS }, (_, client) => this.#write(client));
  }

  /** Resolves when a write was acknowledged that `isIt`. @throws after the limit, with what clients were told last */
  async untilAcknowledged(isIt: (write: Sighting) => boolean, limitMs: number): Promise<void> {
    let seen = 0;
    const came = (): boolean => {
      const found = this.acknowledged.slice(seen).some(isIt);
      seen = this.acknowledged.length;
      return found;
    };
    await until(came, { limitMs, pollMs: 5, what: 'a write is acknowledged' }).catch((error: unknown) => {
      throw new Error(`${(error as Error).message} (${this.#lastError || 'no error'})`, { cause: error });
    });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#stopListening();
    this.#drop(() => true);
    this.#moved.resolve();
    await Promise.all(this.#running);
  }

  async #write(client: number): Promise<void> {
    while (!this.#isStopping) {
      const moved = this.#moved.promise; // of before the try, or a move during it would be missed
      const place = this.#route.primary;
      const sql = place && (await this.#open(place));
      if (sql && place) await this.#writeOn(sql, place, client);
      await Promise.race([sleep(RETRY_MS), moved]);
    }
  }

  async #writeOn(sql: Connection, place: Place, client: number): Promise<void> {
    try {
      while (!this.#isStopping) {
        await query(sql, INSERT, [client], WRITE_LIMIT_MS);
        this.acknowledged.push({ atMs: clockMs(), place });
        await sleep(PAUSE_MS);
      }
    } catch (error) {
      this.#lastError = (error as Error).message;
    } finally {
      this.#sessions.delete(sql);
      hangUp(sql);
    }
  }

  /** Given up as soon as the route leads elsewhere: a host that is cut off refuses nothing. */
  async #open(place: Place): Promise<Connection | undefined> {
    const opening = connect(place, this.#account);
    const moved = this.#moved.promise.then(() => undefined);
    const sql = await Promise.race([opening, moved]).catch((error: unknown) => {
      this.#lastError = (error as Error).message;
      return undefined;
    });
    if (!sql) {
      void opening.then(hangUp).catch(() => undefined);
      return undefined;
    }
    this.connected.push({ atMs: clockMs(), place });
    this.#sessions.set(sql, place);
    return sql;
  }

  /** While nobody is named, clients stay where they are: a session that works is not given up for a rumour. */
  #move(): void {
    const { primary } = this.#route;
    if (!primary) return;
    this.routed.push({ atMs: clockMs(), place: primary });
    this.#drop((place) => !isSamePlace(place, primary));
    this.#moved.resolve();
    this.#moved = Promise.withResolvers<void>();
  }

  #drop(isIt: (place: Place) => boolean): void {
    for (const [sql, place] of this.#sessions) if (isIt(place)) hangUp(sql);
  }
}

async function makeTable({ primary }: Route, account: Account): Promise<boolean> {
  if (!primary) return false;
  const sql = await connect(primary, account);
  try {
    await query(sql, 'CREATE DATABASE IF NOT EXISTS bench', [], WRITE_LIMIT_MS);
    const columns = 'id BIGINT AUTO_INCREMENT PRIMARY KEY, client INT NOT NULL';
    await query(sql, `CREATE TABLE IF NOT EXISTS bench.gaps (${columns})`, [], WRITE_LIMIT_MS);
    return true;
  } finally {
    sql.destroy();
  }
}
