/** The tables of one round, and what a member holds of them. */
import { createHash } from 'node:crypto';
import { BANK, type Holding } from '../history.ts';
import type { Place } from './signpost.ts';
import { type Account, connect, query } from './sql.ts';

const STATEMENT_LIMIT_MS = 20_000;

const TABLES = [
  `CREATE TABLE writes (client INT NOT NULL, seq INT NOT NULL, server CHAR(36) NOT NULL, written_at DATETIME(6) NOT NULL,
   PRIMARY KEY (client, seq))`,
  'CREATE TABLE accounts (id INT PRIMARY KEY, balance INT NOT NULL)',
  `CREATE TABLE transfers (client INT NOT NULL, seq INT NOT NULL, from_id INT NOT NULL, to_id INT NOT NULL,
   amount INT NOT NULL, PRIMARY KEY (client, seq))`,
  'CREATE TABLE counters (id INT PRIMARY KEY, n INT NOT NULL)',
];

/** Makes the tables of a new round and drops those of the former. Safe to repeat. */
export async function makeTables(
  primary: Place,
  account: Account,
  database: string,
  former: string | undefined,
): Promise<void> {
  const sql = await connect(primary, account);
  const run = (statement: string, values: unknown[] = []): ReturnType<typeof query> =>
    query(sql, statement, values, STATEMENT_LIMIT_MS);
  try {
    if (former !== undefined) await run('DROP DATABASE IF EXISTS ??', [former]);
    await run('DROP DATABASE IF EXISTS ??', [database]);
    await run('CREATE DATABASE ??', [database]);
    await run('USE ??', [database]);
    for (const table of TABLES) await run(table);
    const accounts = Array.from({ length: BANK.accounts }, (_, id) => [id, BANK.opening]);
    await run('INSERT INTO accounts VALUES ?', [accounts]);
    await run('INSERT INTO counters VALUES (0, 0)');
  } finally {
    sql.destroy();
  }
}

/** @throws while the member cannot be asked or does not have the tables yet */
export async function holdingOf(
  instance: string,
  place: Place,
  account: Account,
  database: string,
): Promise<Holding> {
  const sql = await connect(place, account, database);
  const rowsOf = async (statement: string): Promise<string[]> => {
    const { rows } = await query(sql, statement, [], STATEMENT_LIMIT_MS);
    return rows.map(({ row }) => String(row));
  };
  try {
    await query(sql, 'START TRANSACTION WITH CONSISTENT SNAPSHOT', [], STATEMENT_LIMIT_MS);
    const writes = await rowsOf(
      "SELECT CONCAT_WS(':', client, seq, server, written_at) AS `row` FROM writes ORDER BY client, seq",
    );
    const transfers = await rowsOf(
      "SELECT CONCAT_WS(':', client, seq, from_id, to_id, amount) AS `row` FROM transfers ORDER BY client, seq",
    );
    const balances = await rowsOf('SELECT balance AS `row` FROM accounts ORDER BY id');
    const [counter = ''] = await rowsOf('SELECT n AS `row` FROM counters');
    const [executed = ''] = await rowsOf('SELECT @@GLOBAL.gtid_executed AS `row`');
    const digest = createHash('sha256')
      .update(JSON.stringify([writes, transfers, balances, counter]))
      .digest('hex');
    return {
      ...{ instance, transfers, executed, digest },
      writes: writes.map((row) => row.split(':').slice(0, 2).join(':')),
      balances: balances.map(Number),
      counter: Number(counter),
    };
  } finally {
    sql.destroy();
  }
}
