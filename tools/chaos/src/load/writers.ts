/** Clients that change data and remember what was acknowledged to them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from '../dice.ts';
import type { Bank, Increment, Transfer, Write } from '../history.ts';
import type { Client, Session } from './client.ts';

export interface Writing {
  /** Number of the client within the round. */
  number: number;
  client: Client;
  pauseMs: number;
  nowMs: () => number;
}

/** Inserts rows with ids of its own until it is closed. Each is tried once. */
export async function writeRows(writing: Writing, record: (write: Write) => void): Promise<void> {
  await repeat(writing, async (session, seq) => {
    const values = [writing.number, seq];
    const insert = (): ReturnType<Session['run']> =>
      session.run('INSERT INTO writes VALUES (?, ?, @@server_uuid, NOW(6))', values);
    record({ kind: 'write', ...(await attempt(writing, session, seq, insert)) });
  });
}

/** Moves money between accounts until it is closed. */
export async function transferMoney(
  writing: Writing,
  { accounts }: Bank,
  dice: Dice,
  record: (transfer: Transfer) => void,
): Promise<void> {
  await repeat(writing, async (session, seq) => {
    const [from = 0, to = 1] = dice.shuffle(Array.from({ length: accounts }, (_, index) => index));
    const amount = dice.whole(1, 50);
    const move = async (): ReturnType<Session['run']> => {
      await session.run('START TRANSACTION');
      // In one order, or transfers would wait for each other in circles.
      for (const account of [from, to].sort((a, b) => a - b))
        await session.run('UPDATE accounts SET balance = balance + ? WHERE id = ?', [
          account === from ? -amount : amount,
          account,
        ]);
      await session.run('INSERT INTO transfers VALUES (?, ?, ?, ?, ?)', [
        ...[writing.number, seq, from, to, amount],
      ]);
      return session.run('COMMIT');
    };
    record({ kind: 'transfer', from, to, amount, ...(await attempt(writing, session, seq, move)) });
  });
}

/** Adds one to the counter that all share, until it is closed. */
export async function countUp(writing: Writing, record: (increment: Increment) => void): Promise<void> {
  await repeat(writing, async (session, seq) => {
    const add = (): ReturnType<Session['run']> => session.run('UPDATE counters SET n = n + 1 WHERE id = 0');
    record({ kind: 'increment', ...(await attempt(writing, session, seq, add)) });
  });
}

type Outcome = Pick<Write, 'client' | 'seq' | 'server' | 'startedMs' | 'endedMs' | 'isAcknowledged' | 'gtid'>;

async function attempt(
  { number, client, nowMs }: Writing,
  { server }: Session,
  seq: number,
  work: () => ReturnType<Session['run']>,
): Promise<Outcome> {
  const startedMs = nowMs();
  const outcome = { client: number, seq, server, startedMs };
  try {
    const { gtid } = await work();
    return { ...outcome, endedMs: nowMs(), isAcknowledged: true, ...(gtid !== undefined && { gtid }) };
  } catch (error) {
    client.failed(error);
    return { ...outcome, endedMs: nowMs(), isAcknowledged: false };
  }
}

async function repeat(
  { client, pauseMs }: Writing,
  once: (session: Session, seq: number) => Promise<void>,
): Promise<void> {
  for (let seq = 1; !client.isClosed;) {
    const session = await client.session();
    if (!session || client.isClosed) continue;
    await once(session, seq);
    seq += 1;
    await sleep(pauseMs);
  }
}
