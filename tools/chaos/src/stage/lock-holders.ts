import type { ClusterDetail } from '@cotton/api';
import type { Connection } from 'mysql2/promise';
import { setTimeout as sleep } from 'node:timers/promises';
import { placeOf } from '../lab/cluster.ts';
import { type Account, connect } from '../load/sql.ts';

/** A statement that is not refused by then waits, as it is meant to, or holds what it asked for. */
const REFUSAL_MS = 200;

/** Users who hold locks, for as long as they like. */
export class LockHolders {
  readonly #account: Account;
  readonly #database: string;
  readonly #latest: () => ClusterDetail;
  readonly #say: (line: string) => void;
  readonly #open: Connection[] = [];

  constructor(account: Account, database: string, latest: () => ClusterDetail, say: (line: string) => void) {
    this.#account = account;
    this.#database = database;
    this.#latest = latest;
    this.#say = say;
  }

  /**
   * All but the last statement are waited for: the last one may be there to wait.
   * @returns false where nothing is held
   */
  async hold(host: string, statements: readonly string[]): Promise<boolean> {
    const member = this.#latest().members.find((one) => one.host === host);
    if (!member) return false;
    try {
      const sql = await connect(placeOf(member), this.#account, this.#database);
      this.#open.push(sql);
      const last = statements.at(-1) ?? 'DO 0';
      const waits = sleep(REFUSAL_MS).then(() => true);
      for (const statement of statements.slice(0, -1)) await sql.query(statement);
      const isDone = sql.query(last).then(
        () => true,
        () => false,
      );
      return await Promise.race([isDone, waits]);
    } catch (error) {
      // Another fault may have taken the member away.
      this.#say(`nothing is held: ${(error as Error).message}`);
      return false;
    }
  }

  releaseAll(): void {
    for (const sql of this.#open.splice(0)) sql.destroy();
  }
}
