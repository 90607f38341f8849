import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestCluster, type TestInstance, USER } from './cluster.ts';
import { connect } from './mysql.ts';

/** A quarter of the smallest disk on which mysqld starts. */
const DISK_MB = 64;
const SHARE_BYTES = 16 * 1024 ** 2;

let cluster: TestCluster;
let only: TestInstance;

beforeAll(async () => {
  cluster = await TestCluster.start();
  only = await cluster.addInstance({ size: { cpus: 1, memMb: 512, diskMb: DISK_MB } });
  await cluster.write({});
  only.run();
  await cluster.enthrone(only, [], '');
  await only.untilSettled();
});
afterAll(() => cluster.stop());

async function binaryLogBytes(): Promise<number> {
  const text = await (await only.http('/metrics')).text();
  return Number(/^cotton_mysql_binary_log_bytes\{.*\} (\d+)$/m.exec(text)?.[1]);
}

it('a primary keeps its binary logs to a quarter of its disk', async () => {
  await expect.poll(async () => (await only.http('/primary')).status, { timeout: 10_000 }).toBe(200);
  const client = await connect(only.task.port, USER);
  await client.query('CREATE DATABASE shop');
  await client.query('CREATE TABLE shop.t (id INT PRIMARY KEY, text LONGTEXT)');
  const insert = "INSERT INTO shop.t VALUES (?, REPEAT('x', 1000000))";
  for (let id = 0; id < 24; id++) await client.query(insert, [id]);
  await client.end();
  const soon = { timeout: 40_000, interval: 500 };
  await expect.poll(() => readdir(join(only.volume, 'data')), soon).not.toContain('binlog.000001');
  await expect.poll(binaryLogBytes, soon).toBeLessThanOrEqual(SHARE_BYTES);
});
