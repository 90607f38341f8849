import type { Connection } from 'mysql2/promise';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { follow, setAckCount } from '../src/index.ts';
import { cleanUp, Instance, LIMIT, makeRoom } from './support.ts';

const TASK_MB = 512;
const EXECUTOR_MB = 110;
const SESSIONS = 40;
const ROWS = 40_000;

/** The default task: a primary under load and its replica, each beside an executor of the usual size. */
describe(`a task of ${TASK_MB} MB`, () => {
  let room: string;
  let primary: Instance, replica: Instance;

  beforeAll(async () => {
    room = await makeRoom();
    [primary, replica] = await Promise.all([Instance.boot(room, 1), Instance.boot(room, 2)]);
    await primary.becomeFirstPrimary();
    await follow(replica.admin, await primary.asSource(), { semiSync: true }, LIMIT);
    await setAckCount(primary.admin, 1, LIMIT);
  });
  afterAll(() => cleanUp(room, [primary, replica].filter(Boolean)));

  test(`holds mysqld with ${SESSIONS} busy sessions, and its executor`, async () => {
    await primary.asUser(async (user) => {
      await user.query('CREATE DATABASE load_test');
      await user.query('CREATE TABLE load_test.t (id INT PRIMARY KEY, k INT, v VARCHAR(4000), KEY (k))');
      for (let first = 0; first < ROWS; first += 2000) await user.query(FILL, [first, first]);
    });
    const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => primary.connect()));
    await Promise.all(sessions.map(work));
    const [ofPrimary, ofReplica] = await Promise.all([peakMb(primary), peakMb(replica)]);
    for (const session of sessions) session.destroy();
    console.log(`peak resident: primary ${ofPrimary} MB, replica ${ofReplica} MB`);
    expect(ofPrimary).toBeLessThan(TASK_MB - EXECUTOR_MB);
    expect(ofReplica).toBeLessThan(TASK_MB - EXECUTOR_MB);
  });
});

/** More than the buffer pool holds, 2,000 rows at a time. */
const FILL = `INSERT INTO load_test.t
  WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
  SELECT ? + 2 * i + half, 31 * i + ?, REPEAT('x', 3000) FROM n JOIN (SELECT 0 AS half UNION ALL SELECT 1) AS h`;

/** Each session writes, sorts and groups in temporary tables, all at the same time. */
async function work(user: Connection, n: number): Promise<void> {
  const first = (n * ROWS) / SESSIONS;
  await user.query('UPDATE load_test.t SET k = k + 1 WHERE id BETWEEN ? AND ?', [first, first + 200]);
  await user.query('SELECT id, v FROM load_test.t WHERE id BETWEEN ? AND ? ORDER BY v DESC, k LIMIT 100', [
    first,
    first + 500,
  ]);
  await user.query(
    'SELECT k % 500 AS g, COUNT(*), MAX(v) FROM load_test.t WHERE id BETWEEN ? AND ? GROUP BY g ORDER BY 2 DESC LIMIT 10',
    [first, first + 500],
  );
}

async function peakMb({ server }: Instance): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
  return Math.ceil(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024);
}
