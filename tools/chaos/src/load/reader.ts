import { setTimeout as sleep } from 'node:timers/promises';
import type { Read } from '../history.ts';
import type { Session } from './client.ts';
import type { Writing } from './writers.ts';

/** Looks at everything on the primary, again and again, until it is closed. */
export async function readAll(reading: Writing, record: (read: Read) => void): Promise<void> {
  const { client, pauseMs } = reading;
  while (!client.isClosed) {
    const session = await client.session();
    if (!session) continue;
    try {
      record(await readOnce(reading, session));
    } catch (error) {
      client.failed(error);
    }
    await sleep(pauseMs);
  }
}

async function readOnce({ number, nowMs }: Writing, session: Session): Promise<Read> {
  const startedMs = nowMs();
  const { rows } = await session.run(
    'SELECT client, MAX(seq) AS seq, NULL AS sum FROM writes GROUP BY client UNION ALL SELECT NULL, NULL, SUM(balance) FROM accounts',
  );
  const endedMs = nowMs();
  const highest: Record<number, number> = {};
  for (const { client, seq } of rows) if (client !== null) highest[Number(client)] = Number(seq);
  const sum = Number(rows.find((row) => row['client'] === null)?.['sum']);
  return { client: number, server: session.server, startedMs, endedMs, highest, sum };
}
