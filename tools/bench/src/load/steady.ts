/** A closed loop: so many clients, each writing its next row when the last one was acknowledged. */
import { type Account, connect, type Place, query } from '@cotton/chaos';
import type { Connection } from 'mysql2/promise';

export interface SteadyPlan {
  place: Place;
  account: Account;
  clients: number;
  warmUpMs: number;
  measureMs: number;
}

export interface SteadyResult {
  perSecond: number;
  latenciesMs: number[];
}

const WRITE_LIMIT_MS = 30_000;
const PAYLOAD = 'x'.repeat(100);

/** Makes the table that `writeSteadily` fills. */
export async function makeTable(place: Place, account: Account): Promise<void> {
  const sql = await connect(place, account);
  try {
    await query(sql, 'CREATE DATABASE IF NOT EXISTS bench', [], WRITE_LIMIT_MS);
    const columns =
      'id BIGINT AUTO_INCREMENT PRIMARY KEY, client INT NOT NULL, payload VARCHAR(100) NOT NULL';
    await query(sql, `CREATE TABLE IF NOT EXISTS bench.steady (${columns})`, [], WRITE_LIMIT_MS);
  } finally {
    sql.destroy();
  }
}

/** @throws when a write fails: nothing is wrong with the server, so nothing may go wrong */
export async function writeSteadily(plan: SteadyPlan): Promise<SteadyResult> {
  const { place, account, clients, warmUpMs, measureMs } = plan;
  const sessions = await Promise.all(Array.from({ length: clients }, () => connect(place, account)));
  const fromMs = performance.now() + warmUpMs;
  const untilMs = fromMs + measureMs;
  try {
    const latencies = await Promise.all(
      sessions.map((sql, client) => writeUntil(sql, client, fromMs, untilMs)),
    );
    const latenciesMs = latencies.flat();
    return { perSecond: (latenciesMs.length * 1000) / measureMs, latenciesMs };
  } finally {
    for (const sql of sessions) sql.destroy();
  }
}

async function writeUntil(
  sql: Connection,
  client: number,
  fromMs: number,
  untilMs: number,
): Promise<number[]> {
  const latenciesMs: number[] = [];
  for (;;) {
    const begunMs = performance.now();
    if (begunMs >= untilMs) return latenciesMs;
    const insert = 'INSERT INTO bench.steady (client, payload) VALUES (?, ?)';
    await query(sql, insert, [client, PAYLOAD], WRITE_LIMIT_MS);
    const endedMs = performance.now();
    if (endedMs >= fromMs && endedMs < untilMs) latenciesMs.push(endedMs - begunMs);
  }
}
