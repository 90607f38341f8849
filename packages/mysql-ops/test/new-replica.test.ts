/** A replica that nobody was there to acknowledge for: its account must not wait for the acknowledgement that only it can give. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureAccounts, follow, marker, openForWrites, position, waitForGtid } from '../src/index.ts';
import { APP, cleanUp, Instance, LIMIT, makeRoom, REPLICATION } from './support.ts';

describe('a primary whose only other member is new', () => {
  const own = { user: 'cotton_repl_2', password: 'own' };
  const plan = { ...APP, replicationAccounts: [REPLICATION, own] };
  const shortly = { deadlineMs: 1_000 };
  let room: string;
  let a: Instance, b: Instance;

  beforeAll(async () => {
    room = await makeRoom();
    [a, b] = await Promise.all([Instance.boot(room, 1), Instance.boot(room, 2)]);
    await a.becomeFirstPrimary();
    await openForWrites(a.admin, { ackCount: 1, stillWanted: () => true }, LIMIT);
  });
  afterAll(() => cleanUp(room, [a, b].filter(Boolean)));

  test.each([
    { half: 'is finished', password: 'own', isFinished: true },
    { half: 'with another password may be a tenant’s', password: 'other', isFinished: false },
    { half: 'with its own hash may be a tenant’s', password: 'own', isRole: true, isFinished: false },
  ])('half an account $half, and nobody acknowledges', async ({ password, isRole, isFinished }) => {
    const half = { user: 'cotton_repl_5', password: 'own' };
    await past(a, [
      'DROP USER IF EXISTS cotton_repl_5',
      `CREATE USER cotton_repl_5 IDENTIFIED BY '${password}' ATTRIBUTE '{"only_here": true}'`,
      ...(isRole ? ['GRANT cotton_repl_5 TO app'] : []),
    ]);
    await expect(
      ensureAccounts(a.admin, { ...plan, replicationAccounts: [REPLICATION, half] }, shortly),
    ).rejects.toMatchObject({ code: 'deadline' });
    expect(await isPrivileged(a, half.user)).toBe(isFinished);
  });

  test('makes its account although nobody acknowledges, and keeps nobody from logging in', async () => {
    for (const attempt of [1, 2]) {
      await expect(ensureAccounts(a.admin, plan, shortly), `${attempt}`).rejects.toMatchObject({
        code: 'deadline',
      });
    }
    await a.asUser((user) => user.query('DO 1'), own);
  });

  test('has it log in with that, and tells it of it once it acknowledges', async () => {
    const { serverUuid } = await position(a.admin, LIMIT);
    const source = { host: '127.0.0.1', port: a.port, ...own, serverUuid };
    await follow(b.admin, source, { semiSync: true }, LIMIT);
    await ensureAccounts(a.admin, plan, LIMIT);
    await waitForGtid(b.admin, await marker(a.admin, LIMIT), LIMIT);
    await b.asUser((user) => user.query('DO 1'), own);
    const executed = (await position(a.admin, LIMIT)).executed;
    await ensureAccounts(a.admin, plan, LIMIT);
    expect((await position(a.admin, LIMIT)).executed).toBe(executed);
  });

  test('makes an account anew of which a crash has left half, also where its replicas never had it', async () => {
    const third = { user: 'cotton_repl_3', password: 'own' };
    await past(a, ["CREATE USER 'cotton_repl_3'@'%' IDENTIFIED BY 'half'"]);
    await ensureAccounts(a.admin, { ...plan, replicationAccounts: [REPLICATION, own, third] }, LIMIT);
    await waitForGtid(b.admin, await marker(a.admin, LIMIT), LIMIT);
    for (const one of [a, b]) await one.asUser((user) => user.query('DO 1'), third);
  });

  test('ends the sessions of a namesake that is gone before it makes the account', async () => {
    const sixth = { user: 'cotton_repl_6', password: 'own' };
    await a.asUser((user) => user.query("CREATE USER cotton_repl_6 IDENTIFIED BY 'a tenant’s'"));
    await a.asUser(
      async (tenant) => {
        await a.asUser((user) => user.query('DROP USER cotton_repl_6'));
        await tenant.query('DO 1');
        await ensureAccounts(a.admin, { ...plan, replicationAccounts: [REPLICATION, own, sixth] }, LIMIT);
        await expect(tenant.query('DO 1')).rejects.toThrow();
      },
      { ...sixth, password: 'a tenant’s' },
    );
  });

  test('forgets an account that only it has once it follows somebody, and no tenant’s that says so', async () => {
    const fourth = { user: 'cotton_repl_4', password: 'own' };
    const like = `CREATE USER liar IDENTIFIED BY 'x' ATTRIBUTE '{"only_here": true}'`;
    await a.asUser((user) => user.query(like));
    await waitForGtid(b.admin, await marker(a.admin, LIMIT), LIMIT);
    await b.server.kill();
    await expect(
      ensureAccounts(a.admin, { ...plan, replicationAccounts: [REPLICATION, own, fourth] }, shortly),
    ).rejects.toMatchObject({ code: 'deadline' });
    await a.asUser((user) => user.query('DO 1'), fourth);
    await a.restart();
    await b.restart();
    await openForWrites(b.admin, { ackCount: 0, stillWanted: () => true }, LIMIT);
    await ensureAccounts(b.admin, plan, LIMIT);
    await b.asUser((user) => user.query("CREATE USER 'cotton_repl_4'@'%' IDENTIFIED BY 'a tenant’s'"));
    await follow(a.admin, await b.asSource(), { semiSync: false }, LIMIT);
    await waitForGtid(a.admin, await marker(b.admin, LIMIT), LIMIT);
    await a.asUser((user) => user.query('DO 1'), { ...fourth, password: 'a tenant’s' });
    await a.asUser((user) => user.query('DO 1'), { user: 'liar', password: 'x' });
    await expect(a.asUser((user) => user.query('DO 1'), fourth)).rejects.toMatchObject({
      code: 'ER_ACCESS_DENIED_ERROR',
    });
  });
});

/** Past the binary log, as a crash in the middle may leave it. */
async function past({ admin }: Instance, statements: string[]): Promise<void> {
  await admin.on('steps', LIMIT, async (session) => {
    for (const sql of ['SET sql_log_bin = OFF', ...statements, 'SET sql_log_bin = ON'])
      await session.run(sql, [], LIMIT);
  });
}

async function isPrivileged({ admin }: Instance, user: string): Promise<boolean> {
  const sql = "SELECT COUNT(*) AS found FROM mysql.global_grants WHERE user = ? AND priv = 'SYSTEM_USER'";
  const row = await admin.on('observe', LIMIT, (session) => session.row(sql, [user], LIMIT));
  return Number(row.found) === 1;
}
