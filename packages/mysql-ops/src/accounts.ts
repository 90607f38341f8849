import type { Admin } from './admin.ts';
import { MysqlOpsError } from './error.ts';
import { requireReplicationPassword } from './follow.ts';
import { countdown, type Countdown, type Limit } from './limit.ts';
import { isLockWaitTimeout, withLockWait } from './lock-wait.ts';
import { untilAcknowledged } from './marker.ts';
import { onItsOwn } from './on-its-own.ts';
import { hashPassword, matchesPassword } from './password-hash.ts';
import {
  READ_ONLY_SCHEMAS,
  REPLICATION_PRIVILEGES,
  USER_DYNAMIC_PRIVILEGES,
  USER_PRIVILEGES,
  WRITING_PRIVILEGES,
} from './privileges.ts';
import type { Row, Session } from './session.ts';
import { endSessions, killClients } from './sessions.ts';
import { ONLY_HERE } from './unlogged-accounts.ts';

export interface Account {
  user: string;
  password: string;
}

export interface AccountPlan extends Account {
  /** One for each instance; printable ASCII, at most 32 characters. */
  replicationAccounts: Account[];
}

/** Without TLS a password travels encrypted with the server's RSA key of 2,048 bits, which takes no more. */
export const MAX_PASSWORD_BYTES = 213;
const MAX_USER_CHARS = 32;

/**
 * Makes the cluster's user (password: any text of 1 to 213 bytes without NUL) and the replication accounts be as
 * planned, on the primary and through the binary log. Writes nothing where all is as it should be.
 *
 * A new replication account is at first this server's own, so that its replica can log in and acknowledge where nobody
 * else does. All the rest waits until an acknowledgement comes, and misses its deadline with none to come.
 * @throws MysqlOpsError `bad_account`, `not_writable`, `deadline`
 */
export async function ensureAccounts(admin: Admin, plan: AccountPlan, limit: Limit): Promise<void> {
  requireAccount(plan);
  for (const account of plan.replicationAccounts) requireReplicationPassword(account.password);
  const time = countdown(limit);
  await admin.on('writes', limit, async (session) => {
    await requireWritable(session, time);
    let acknowledged: Promise<void> | undefined;
    const work = {
      session,
      time,
      acknowledged: () => (acknowledged ??= untilAcknowledged(admin, time.left())),
    };
    for (const account of plan.replicationAccounts)
      if (!(await isOurs(work, account.user))) await makeReplicationAccount(work, account);
    for (const account of plan.replicationAccounts) {
      if (await isOnlyHere(work, account.user)) await copyToLog(work, account);
      await ensureAccount(work, account);
      await ensureGranted(work, account.user, REPLICATION_PRIVILEGES, '');
    }
    await ensureAccount(work, plan);
    const wanted = [...USER_PRIVILEGES, ...(await knownPrivileges(work, USER_DYNAMIC_PRIVILEGES))];
    await ensureGranted(work, plan.user, wanted, 'WITH GRANT OPTION');
    await ensureRestricted(work, plan.user);
  });
}

interface Work {
  session: Session;
  time: Countdown;
  /**
   * An account statement that waits for its acknowledgement keeps everybody from logging in, the replicas that could
   * give it too. So a write that keeps nobody waits before.
   */
  acknowledged: () => Promise<void>;
}

/** Through the binary log. */
async function write({ session, time, acknowledged }: Work, sql: string, values: unknown[]): Promise<void> {
  await acknowledged();
  await session.run(sql, values, time.left());
}

/** Whether an account's name and password can be used for the cluster's user. @throws MysqlOpsError `bad_account` */
export function requireAccount({ user, password }: Account): void {
  const bytes = Buffer.byteLength(password);
  // A NUL ends a password on its way to the server, encrypted by RSA or typed into a client.
  if (bytes < 1 || bytes > MAX_PASSWORD_BYTES || password.includes('\0')) {
    throw new MysqlOpsError(
      'bad_account',
      `a password has 1 to ${MAX_PASSWORD_BYTES} bytes, none of them NUL`,
    );
  }
  const usable = [...user].length >= 1 && [...user].length <= MAX_USER_CHARS && !user.includes('\0');
  if (!usable || /^(cotton_|mysql\.)/i.test(user)) {
    throw new MysqlOpsError(
      'bad_account',
      'the user has 1 to 32 characters and is none of cotton_… or mysql.…',
    );
  }
}

async function requireWritable(session: Session, time: Countdown): Promise<void> {
  const row = await session.row('SELECT @@GLOBAL.read_only AS closed', [], time.left());
  if (Number(row.closed) !== 0) throw new MysqlOpsError('not_writable', 'accounts are made on the primary');
}

async function ensureAccount(work: Work, { user, password }: Account): Promise<void> {
  const { session, time } = work;
  const secret = Buffer.from(password);
  const sql =
    "SELECT plugin, HEX(authentication_string) AS hash_hex FROM mysql.user WHERE user = ? AND host = '%'";
  const [found] = await session.rows(sql, [user], time.left());
  const stored = Buffer.from(String(found?.hash_hex ?? ''), 'hex');
  if (found?.plugin === 'caching_sha2_password' && matchesPassword(secret, stored)) return;
  const verb = found ? 'ALTER USER' : 'CREATE USER';
  await write(work, `${verb} ?@'%' ${AS_HASHED}`, [user, hashPassword(secret)]);
}

/** Out of the reach of the cluster's user, since it was made. */
async function isOurs({ session, time }: Work, user: string): Promise<boolean> {
  const sql =
    "SELECT COUNT(*) AS found FROM mysql.global_grants WHERE user = ? AND host = '%' AND priv = 'SYSTEM_USER'";
  return Number((await session.row(sql, [user], time.left())).found) === 1;
}

/** Not, or not wholly, in the binary log yet: the account says so itself, which outlives us. */
async function isOnlyHere({ session, time }: Work, user: string): Promise<boolean> {
  const sql = `SELECT ${ONLY_HERE} IS NOT NULL AS only_here FROM mysql.user WHERE user = ? AND host = '%'`;
  return Number((await session.row(sql, [user], time.left())).only_here) === 1;
}

/**
 * On this server alone. The cluster's user may know the name and have made such an account itself: granted to itself as
 * a role, or with a second password, it would bring our privileges with it. So it goes, everywhere, and nobody else can
 * change accounts until the new one has SYSTEM_USER.
 */
async function makeReplicationAccount(work: Work, account: Account): Promise<void> {
  const { session, time } = work;
  const { user, password } = account;
  const hash = hashPassword(Buffer.from(password));
  await lockGrantTables(session, time);
  try {
    // Replicas may not have it all the same.
    for (const host of await strangers(work, account))
      await write(work, 'DROP USER IF EXISTS ?@?', [user, host]);
    // Also where there is none: one outlives its account, which an earlier try may have dropped.
    await endSessions(session, 'USER = ?', [user], time);
    time.left();
    // Not to be broken off: it would leave half an account.
    const whole = countdown({ deadlineMs: MAKE_MS });
    await onItsOwn(session, whole, async () => {
      await session.run("DROP USER IF EXISTS ?@'%'", [user], whole.left());
      const create = `CREATE USER ?@'%' ${AS_HASHED} ATTRIBUTE '{"only_here": true}'`;
      await session.run(create, [user, hash], whole.left());
      await session.run(GRANT_REPLICATION, [user], whole.left());
    });
  } finally {
    // Also after an abort: a session that went back with its locks would stop everything. With it go its locks.
    if (!session.isBroken)
      await session.run('UNLOCK TABLES', [], { deadlineMs: UNLOCK_MS }).catch(() => session.destroy());
  }
}

/**
 * Hosts of the accounts of this name that replicas may have. A half of our own, from before a crash, is none: it would
 * wait for an acknowledgement that only the replica could give that is to log in with it.
 */
async function strangers({ session, time }: Work, { user, password }: Account): Promise<string[]> {
  const rows = await session.rows(NAMESAKES, [user], time.left());
  const isOwnHalf = ({ host, is_bare: isBare, hash_hex: hashHex }: Row): boolean =>
    host === '%' &&
    Number(isBare) === 1 &&
    matchesPassword(Buffer.from(password), Buffer.from(String(hashHex), 'hex'));
  return rows.filter((row) => !isOwnHalf(row)).map(({ host }) => String(host));
}

/** Whoever reads the hash can make a half like ours, in the log; bare, it gives nobody anything. */
const NAMESAKES = `SELECT host, HEX(authentication_string) AS hash_hex, plugin = 'caching_sha2_password'
    AND User_attributes = CAST('{"metadata": {"only_here": true}}' AS JSON)
    AND (user, host) NOT IN (SELECT from_user, from_host FROM mysql.role_edges)
    AND (user, host) NOT IN (SELECT proxied_user, proxied_host FROM mysql.proxies_priv) AS is_bare
  FROM mysql.user WHERE user = ?`;

/** What is there already stays as it is; each statement may be repeated. */
async function copyToLog(work: Work, { user, password }: Account): Promise<void> {
  const { session, time, acknowledged } = work;
  const hash = hashPassword(Buffer.from(password));
  await acknowledged();
  // From here on it may be in the log, and `dropUnlogged` must let it be.
  await onItsOwn(session, time, async () => {
    await session.run(`ALTER USER ?@'%' ATTRIBUTE '{"only_here": false}'`, [user], time.left());
  });
  await write(work, `CREATE USER IF NOT EXISTS ?@'%' ${AS_HASHED}`, [user, hash]);
  await write(work, GRANT_REPLICATION, [user]);
  await write(work, `ALTER USER ?@'%' ${AS_HASHED} ATTRIBUTE '{"only_here": null}'`, [user, hash]);
}

const MAKE_MS = 5_000;
const AS_HASHED = 'IDENTIFIED WITH caching_sha2_password AS ?';
const GRANT_REPLICATION = `GRANT ${REPLICATION_PRIVILEGES.join(', ')} ON *.* TO ?@'%'`;
const UNLOCK_MS = 5_000;
const PATIENCE = 3;

/** A client's transaction that has read an account table keeps it from us, for as long as it likes: then it is ended. */
async function lockGrantTables(session: Session, time: Countdown): Promise<void> {
  const lock = (): Promise<unknown> => session.run(`LOCK TABLES ${GRANT_TABLES}`, [], time.left());
  for (let tries = 1; ; tries++) {
    try {
      return void (await withLockWait(session, time, lock));
    } catch (error) {
      if (!isLockWaitTimeout(error) || tries > PATIENCE) throw error;
      if (tries === PATIENCE) await killClients(session, time.left());
    }
  }
}

/** Account statements need all of them under LOCK TABLES (MySQL 9.7, tried). */
const GRANT_TABLES = [
  ...['user', 'db', 'tables_priv', 'columns_priv', 'procs_priv', 'proxies_priv'],
  ...['default_roles', 'role_edges', 'global_grants', 'password_history'],
]
  .map((table) => `mysql.${table} WRITE`)
  .join(', ');

async function knownPrivileges({ session, time }: Work, names: readonly string[]): Promise<string[]> {
  const rows = await session.rows('SHOW PRIVILEGES', [], time.left());
  const known = new Set(rows.map((row) => String(row.Privilege).toUpperCase()));
  return names.filter((name) => known.has(name));
}

/** `privileges` and `suffix` are constants of this package: they stand in the statement as they are. */
async function ensureGranted(
  work: Work,
  user: string,
  privileges: readonly string[],
  suffix: '' | 'WITH GRANT OPTION',
): Promise<void> {
  const sql = 'SELECT PRIVILEGE_TYPE AS name FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = ?';
  const { session, time } = work;
  const rows = await session.rows(sql, [granteeOf(user)], time.left());
  const granted = new Set(rows.map((row) => row.name));
  const missing = privileges.filter((name) => !granted.has(name));
  if (missing.length > 0) await write(work, `GRANT ${missing.join(', ')} ON *.* TO ?@'%' ${suffix}`, [user]);
}

/** As information_schema spells it: quoted, without escapes. */
function granteeOf(user: string): string {
  return `'${user}'@'%'`;
}

async function ensureRestricted(work: Work, user: string): Promise<void> {
  const { session, time } = work;
  const sql =
    "SELECT User_attributes->'$.Restrictions[*].Database' AS names FROM mysql.user WHERE user = ? AND host = '%'";
  const { names } = await session.row(sql, [user], time.left());
  const restricted = new Set((names ?? []) as string[]);
  for (const schema of READ_ONLY_SCHEMAS) {
    if (restricted.has(schema)) continue;
    await write(work, `REVOKE ${WRITING_PRIVILEGES.join(', ')} ON ${schema}.* FROM ?@'%'`, [user]);
  }
}
