/** Where writes of a group go: its members are asked all the time, more often than MySQL Router would ask them. */
import { type Account, connect, hangUp, type Place, query } from '@cotton/chaos';
import type { Connection } from 'mysql2/promise';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Route } from '../load/writers.ts';
import { OWN_MEMBER } from '../rivals/group.ts';

const POLL_MS = 20;
/** A member that does not answer for so long is not asked for its opinion. */
const ANSWER_LIMIT_MS = 500;

export class GroupRoute implements Route {
  readonly #account: Account;
  readonly #listeners = new Set<() => void>();
  readonly #watching: Promise<void>[];
  /** Who says that it takes writes, and since when. */
  readonly #claims = new Map<Place, number>();
  #isClosed = false;
  #primary: Place | undefined;

  constructor(members: readonly Place[], account: Account) {
    this.#account = account;
    this.#watching = members.map((member) => this.#watch(member));
  }

  get primary(): Place | undefined {
    return this.#primary;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#watching);
  }

  async #watch(member: Place): Promise<void> {
    let sql: Connection | undefined;
    while (!this.#isClosed) {
      let claims = false;
      try {
        sql ??= await connect(member, this.#account);
        claims = await takesWrites(sql);
      } catch {
        if (sql) hangUp(sql);
        sql = undefined;
      }
      this.#note(member, claims);
      await sleep(POLL_MS);
    }
    if (sql) hangUp(sql);
  }

  /** Of several that claim it, the one that began last: the others have not heard yet. */
  #note(member: Place, claims: boolean): void {
    if (!claims) this.#claims.delete(member);
    else if (!this.#claims.has(member)) this.#claims.set(member, performance.now());
    const [newest] = [...this.#claims].sort(([, a], [, b]) => b - a);
    const primary = newest?.[0];
    if (primary === this.#primary) return;
    this.#primary = primary;
    for (const listener of this.#listeners) listener();
  }
}

async function takesWrites(sql: Connection): Promise<boolean> {
  const { rows } = await query(sql, OWN_MEMBER, [], ANSWER_LIMIT_MS);
  const [member] = rows;
  return member?.['role'] === 'PRIMARY' && member['state'] === 'ONLINE' && Number(member['closed']) === 0;
}
