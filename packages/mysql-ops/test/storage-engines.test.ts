/** Only InnoDB: what stands in a table of another engine is not what a set of GTIDs says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cloneFrom, follow, position, replicaState, waitForGtid } from '../src/index.ts';
import type { Session } from '../src/session.ts';
import { cleanUp, Instance, LIMIT, makeRoom } from './support.ts';

const ENGINES = ['MyISAM', 'MRG_MyISAM', 'CSV', 'ARCHIVE', 'BLACKHOLE', 'MEMORY'];
const TABLES = `SELECT TABLE_NAME AS name, ENGINE AS engine FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = 'd' ORDER BY 1`;

describe('tables', () => {
  let room: string;
  let a: Instance, b: Instance;

  beforeAll(async () => {
    room = await makeRoom();
    [a, b] = await Promise.all([
      Instance.boot(room, 1),
      Instance.boot(room, 2, { overlays: ['[mysqld]\nlog_output = TABLE\ngeneral_log = ON\n'] }),
    ]);
    await a.becomeFirstPrimary();
    await a.asUser(async (user) => {
      await user.query('CREATE DATABASE d');
      await user.query('CREATE TABLE d.t (id INT NOT NULL)');
    });
    await attach();
  });
  afterAll(() => cleanUp(room, [a, b].filter(Boolean)));

  const attach = async (): Promise<unknown> =>
    follow(b.admin, await a.asSource(), { semiSync: false }, LIMIT);

  const caughtUp = async (): Promise<void> =>
    waitForGtid(b.admin, (await position(a.admin, LIMIT)).executed, LIMIT);

  async function rowsOf(instance: Instance, sql: string): Promise<unknown[]> {
    const [rows] = await instance.asUser((user) => user.query(sql));
    return rows as unknown[];
  }

  test.each(ENGINES)('of %s can neither be made nor be made out of others', async (engine) => {
    await a.asUser(async (user) => {
      for (const statement of [
        `CREATE TABLE d.other (id INT NOT NULL) ENGINE = ${engine}`,
        `CREATE TEMPORARY TABLE d.other (id INT NOT NULL) ENGINE = ${engine}`,
        `ALTER TABLE d.t ENGINE = ${engine}`,
        'CREATE TABLE d.other LIKE mysql.general_log',
      ])
        await expect(user.query(statement), statement).rejects.toMatchObject({ errno: 3161 });
      await user.query(`SET default_storage_engine = ${engine}, default_tmp_storage_engine = ${engine}`);
      for (const kind of ['TABLE', 'TEMPORARY TABLE'])
        await expect(user.query(`CREATE ${kind} d.other (id INT NOT NULL)`)).rejects.toMatchObject({
          errno: 3161,
        });
    });
  });

  test('come out as InnoDB where a session lets MySQL choose, and replicas and copies have every row', async () => {
    await a.asUser(async (user) => {
      await user.query("SET sql_mode = ''");
      for (const engine of ENGINES) {
        const table = `d.was_${engine}`;
        const union = engine === 'MRG_MyISAM' ? 'UNION = (d.t)' : '';
        await user.query(`CREATE TABLE ${table} (id INT NOT NULL) ENGINE = ${engine} ${union}`);
        await user.query(`INSERT INTO ${table} VALUES (1), (2)`);
        await user.query(`ALTER TABLE d.t ENGINE = ${engine}`);
      }
      await user.query('CREATE TEMPORARY TABLE d.mine (id INT NOT NULL) ENGINE = MEMORY');
      await user.query('INSERT INTO d.mine VALUES (3)');
      await user.query('INSERT INTO d.t SELECT id FROM d.mine');
    });
    await caughtUp();
    await expectSame();
    Object.assign(b, await cloneFrom(b.server, b.admin, await a.asSource()));
    await expectSame();
    await attach();
    expect(await replicaState(b.admin, LIMIT)).toMatchObject({ applierRunning: true, receiver: 'running' });
  });

  async function expectSame(): Promise<void> {
    const tables = (await rowsOf(a, TABLES)) as { name: string; engine: string }[];
    expect(tables).toHaveLength(ENGINES.length + 1);
    expect(tables.filter(({ engine }) => engine !== 'InnoDB')).toEqual([]);
    expect(await rowsOf(b, TABLES)).toEqual(tables);
    for (const { name } of tables) {
      const rows = `SELECT id FROM d.${name} ORDER BY id`;
      expect(await rowsOf(b, rows), name).toEqual(await rowsOf(a, rows));
    }
  }

  test('of MySQL’s own logs work as ever, and its upgrade makes them anew', async () => {
    const count = async (): Promise<number> => {
      const [row] = await rowsOf(b, 'SELECT COUNT(*) AS entries FROM mysql.general_log');
      return (row as { entries: number }).entries;
    };
    await expect.poll(count).toBeGreaterThan(0);
    await b.admin.on('steps', LIMIT, dropLogTables);
    b.options.settings.overlays = ['[mysqld]\nupgrade = FORCE\n'];
    await b.restart();
    expect(await rowsOf(b, "SHOW TABLES FROM mysql LIKE '%\\_log'")).toHaveLength(2);
    await attach();
    await caughtUp();
  });
});

async function dropLogTables(session: Session): Promise<void> {
  for (const statement of [
    'SET SESSION sql_log_bin = OFF',
    'SET GLOBAL general_log = OFF',
    'SET GLOBAL super_read_only = OFF',
    'DROP TABLE mysql.general_log, mysql.slow_log',
    'SET GLOBAL super_read_only = ON',
    'SET SESSION sql_log_bin = ON',
  ])
    await session.run(statement, [], LIMIT);
}
