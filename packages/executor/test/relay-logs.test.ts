import { containsGtidText, unionGtidTexts } from '@cotton/core';
import type { Connection } from 'mysql2/promise';
import { once } from 'node:events';
import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USER, TestCluster, type TestInstance } from './cluster.ts';
import { connect } from './mysql.ts';

describe('a replica whose relay logs were damaged while it was down', () => {
  let cluster: TestCluster;
  let primary: TestInstance;
  let replica: TestInstance;

  const insert = async (id: number): Promise<void> => {
    const client = await connect(primary.task.port, USER);
    await client.query('INSERT INTO shop.orders VALUES (?)', [id]);
    await client.end();
  };
  const ids = async (instance: TestInstance): Promise<number[]> => {
    const reader = await connect(instance.task.port, USER);
    const [rows] = await reader.query('SELECT id FROM shop.orders ORDER BY id');
    await reader.end();
    return (rows as { id: number }[]).map(({ id }) => id);
  };
  const place = async (instance: TestInstance) =>
    (await (await instance.http('/status')).json()) as { gtid_executed: string; gtid_received: string };
  /** Until the replica has it in its relay log. */
  const insertAndReceive = async (id: number): Promise<void> => {
    await insert(id);
    const { gtid_executed } = await place(primary);
    const isReceived = async () => {
      const own = await place(replica);
      return containsGtidText(unionGtidTexts(own.gtid_executed, own.gtid_received), gtid_executed);
    };
    await expect.poll(isReceived, { timeout: 10_000 }).toBe(true);
  };
  /** Received and not applied: each in a relay log of its own. */
  const receiveInTwo = async (one: number, other: number): Promise<void> => {
    const reader = await connect(replica.task.port, USER);
    await reader.query('FLUSH TABLES WITH READ LOCK');
    await insertAndReceive(one);
    // Its receiver starts anew, and that begins a relay log.
    await cluster.change([replica], 1);
    await replica.until(({ acks }) => acks?.on === true && acks.generation === cluster.control.generation);
    await insertAndReceive(other);
    await crash(reader);
  };
  const crash = async (reader: Connection): Promise<void> => {
    const ended = once(reader, 'error');
    await replica.crash();
    await ended;
  };

  beforeAll(async () => {
    cluster = await TestCluster.start();
    primary = await cluster.addInstance();
    replica = await cluster.addInstance();
    await cluster.write({});
    for (const member of cluster.instances) member.run();
    await Promise.all(cluster.instances.map((member) => member.agent.waitFor('TASK_RUNNING', 60_000)));
    await cluster.enthrone(primary, [], '');
    await primary.untilSettled();
    await replica.untilFollowing();
    const client = await connect(primary.task.port, USER);
    await client.query('CREATE DATABASE shop');
    await client.query('CREATE TABLE shop.orders (id INT PRIMARY KEY)');
    await client.end();
  }, 120_000);
  afterAll(async () => {
    if (process.env.SHOW_LOG) for (const member of cluster.instances) console.log(await member.log());
    await cluster.stop();
  });

  it('applies on where the newest came back empty', async () => {
    await insertAndReceive(1);
    await replica.crash();
    await empty(replica, 1);
    await insert(2);
    replica.run();
    await expect.poll(() => ids(replica), { timeout: 60_000 }).toEqual([1, 2]);
    await replica.untilFollowing();
  }, 90_000);

  it('applies on where it comes to an empty one only later', async () => {
    await receiveInTwo(3, 4);
    await empty(replica, 1);
    await cluster.change([], 0);
    await insert(5);
    replica.run();
    await expect.poll(() => ids(replica), { timeout: 60_000 }).toEqual([1, 2, 3, 4, 5]);
    await replica.untilFollowing();
  }, 90_000);

  it('opens without what it cannot read, where it was not elected for that', async () => {
    await receiveInTwo(6, 7);
    await empty(replica, 2);
    await cluster.depose();
    replica.run();
    const { position } = await replica.until((s) => s.position?.epoch === 2, 60_000);
    expect(containsGtidText(position!.executed, position!.received)).toBe(false);
    await cluster.enthrone(replica, [], position!.executed);
    await replica.untilSettled();
    expect(await ids(replica)).toEqual([1, 2, 3, 4, 5]);
  }, 90_000);
});

/** The newest relay log is number 1. */
async function empty({ volume }: TestInstance, number: number): Promise<void> {
  const data = join(volume, 'data');
  const names = (await readdir(data)).filter((name) => /^relay\.\d{6}$/.test(name)).sort();
  await truncate(join(data, names.at(-number) ?? ''));
}
