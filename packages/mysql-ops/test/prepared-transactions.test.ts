/**
 * XA COMMIT of a prepared transaction writes on a closed mysqld too (facts/closed-member.test.ts). Until this mysqld
 * follows somebody such a commit waits for an acknowledgement that never comes; it must never be told that it came.
 */
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  applyAllReceived,
  fits,
  follow,
  position,
  primaryState,
  setReplicaSemiSync,
  waitForGtid,
} from '../src/index.ts';
import { cleanUp, Instance, LIMIT, makeRoom } from './support.ts';

describe('a prepared transaction on a closed mysqld', () => {
  let room: string;
  let a: Instance, b: Instance;
  let count = 0;

  beforeAll(async () => {
    room = await makeRoom();
    [a, b] = await Promise.all([Instance.boot(room, 1), Instance.boot(room, 2)]);
    await a.becomeFirstPrimary();
    await a.asUser((sql) => sql.query('CREATE DATABASE d'));
    await attach();
  });
  afterAll(() => cleanUp(room, [a, b].filter(Boolean)));

  const attach = async (): Promise<unknown> =>
    follow(b.admin, await a.asSource(), { semiSync: false }, LIMIT);

  /** On both; returns its name. */
  async function prepare(): Promise<string> {
    const name = `prepared${++count}`;
    await a.asUser(async (sql) => {
      for (const statement of [
        `CREATE TABLE d.${name} (id INT PRIMARY KEY)`,
        `XA START '${name}'`,
        `INSERT INTO d.${name} VALUES (7)`,
        `XA END '${name}'`,
        `XA PREPARE '${name}'`,
      ])
        await sql.query(statement);
    });
    await waitForGtid(b.admin, (await position(a.admin, LIMIT)).executed, LIMIT);
    return name;
  }

  async function connect(): Promise<Connection> {
    const client = await b.connect();
    client.on('error', () => undefined);
    return client;
  }

  describe('whose commit waits since this mysqld was started', () => {
    let answer: Promise<unknown>;
    let uuid: string;

    beforeEach(async () => {
      const name = await prepare();
      await b.restart();
      uuid = (await position(b.admin, LIMIT)).serverUuid;
      const client = await connect();
      answer = client.query(`XA COMMIT '${name}'`).catch((error: unknown) => error);
      await expect.poll(async () => (await primaryState(b.admin, LIMIT)).waitingSessions).toBe(1);
    });

    test.each([
      ['follows', attach],
      ['applies what it has received', () => applyAllReceived(b.admin, LIMIT)],
    ])('is not answered OK when it %s, and comes to light as errant', async (_, startApplying) => {
      const reader = await connect();
      await startApplying();
      expect(await answer).toBeInstanceOf(Error);
      await expect(reader.query('SELECT 1')).rejects.toThrow();
      await expect.poll(async () => (await position(b.admin, LIMIT)).executed).toContain(uuid);
      expect(await fits(b.admin, await a.asSource(), LIMIT)).toMatchObject({ fit: 'errant' });
      await b.asUser((sql) => sql.query('SELECT 1'));
      await attach();
    });
  });

  test('is not answered OK by an orderly stop either, however fast clients come back', async () => {
    const names = await prepareMany(60);
    await b.restart();
    const answered: string[] = [];
    const clients = Array.from({ length: 6 }, async () => {
      while (!b.server.hasExited && names.length > 0) {
        const name = names.pop();
        await b
          .asUser((sql) => sql.query(`XA COMMIT '${name}'`))
          .then(
            () => answered.push(String(name)),
            () => undefined,
          );
      }
    });
    await expect.poll(async () => (await primaryState(b.admin, LIMIT)).waitingSessions).toBeGreaterThan(0);
    expect(await b.server.stopOrderly(LIMIT)).toMatchObject({ orderly: true });
    await Promise.all(clients);
    expect(answered).toEqual([]);
    await b.restart();
    await attach();
  });

  async function prepareMany(amount: number): Promise<string[]> {
    const ids = Array.from({ length: amount }, (_, id) => id);
    await a.asUser((sql) => sql.query('CREATE TABLE d.many (id INT PRIMARY KEY)'));
    for (const id of ids)
      await a.asUser(async (sql) => {
        for (const statement of [
          `XA START 'many${id}'`,
          `INSERT INTO d.many VALUES (${id})`,
          `XA END 'many${id}'`,
          `XA PREPARE 'many${id}'`,
        ])
          await sql.query(statement);
      });
    await waitForGtid(b.admin, (await position(a.admin, LIMIT)).executed, LIMIT);
    return ids.map((id) => `many${id}`);
  }

  test('costs readers their sessions only then: not when it follows again', async () => {
    const reader = await connect();
    await attach();
    await setReplicaSemiSync(b.admin, true, await a.asSource(), LIMIT);
    await applyAllReceived(b.admin, LIMIT);
    await reader.query('SELECT 1');
    reader.destroy();
  });
});
