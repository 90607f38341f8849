/** An application that writes all the time and remembers every write that was acknowledged to it. */
import type { Connection } from 'mysql2/promise';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestCluster } from './cluster.ts';
import { eventually } from './eventually.ts';
import type { Place } from './sql.ts';
import { connectTo, discoverPrimary, rowsOf, withSql } from './sql.ts';

const PAUSE_MS = 20;
/** A write whose server is gone without a word is given up, as a careful application would. */
const WRITE_LIMIT_MS = 5_000;

export class Writer {
  readonly #cluster: TestCluster;
  readonly #acknowledged: number[] = [];
  #stopping = false;
  #running: Promise<void> = Promise.resolve();
  #lastError = '';

  private constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** Starts with a table of its own; resolves after the first acknowledged write. */
  static async start(cluster: TestCluster): Promise<Writer> {
    const writer = new Writer(cluster);
    await eventually('make a table', async () => {
      await withSql(await discoverPrimary(cluster), cluster, async (sql) => {
        await sql.query('CREATE DATABASE IF NOT EXISTS e2e');
        await sql.query('CREATE TABLE IF NOT EXISTS e2e.writes (id INT PRIMARY KEY)');
      });
    });
    writer.#running = writer.#run();
    await writer.untilMore(1);
    return writer;
  }

  get acknowledged(): readonly number[] {
    return this.#acknowledged;
  }

  /** Resolves after that many more acknowledged writes. */
  async untilMore(count: number): Promise<void> {
    const goal = this.#acknowledged.length + count;
    await eventually(`${count} more acknowledged writes`, () => {
      if (this.#acknowledged.length < goal)
        throw new Error(`${this.#acknowledged.length} of ${goal}; last error: ${this.#lastError || 'none'}`);
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  /** Acknowledged writes that are not on this member. */
  async missingOn(place: Place): Promise<number[]> {
    const rows = await withSql(place, this.#cluster, (sql) => rowsOf(sql, 'SELECT id FROM e2e.writes'));
    const present = new Set(rows.map((row) => row['id'] as number));
    return this.#acknowledged.filter((id) => !present.has(id));
  }

  /** Each id is tried once: whether a write without an answer happened nobody promised. */
  async #run(): Promise<void> {
    let sql: Connection | undefined;
    for (let id = 1; !this.#stopping; id += 1) {
      try {
        sql ??= await connectTo(await discoverPrimary(this.#cluster), this.#cluster);
        await sql.query({ sql: 'INSERT INTO e2e.writes VALUES (?)', values: [id], timeout: WRITE_LIMIT_MS });
        this.#acknowledged.push(id);
      } catch (error) {
        this.#lastError = (error as Error).message;
        sql?.destroy();
        sql = undefined;
      }
      await sleep(PAUSE_MS);
    }
    sql?.destroy();
  }
}

/** Until each acknowledged write is on every one of these members. */
export async function untilHeld(writer: Writer, places: Place[]): Promise<void> {
  for (const place of places)
    await eventually(`${place.host}:${place.port} has every acknowledged write`, async () => {
      const missing = await writer.missingOn(place);
      if (missing.length > 0)
        throw new Error(`it lacks ${missing.length}: ${missing.slice(0, 10).join(', ')}`);
    });
}
