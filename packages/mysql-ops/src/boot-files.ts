import { randomBytes } from 'node:crypto';
import { lchown, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { renderConfig, type ServerSettings, SOCKET } from './config.ts';
import type { DataDirectory, Owner } from './data-directory.ts';
import { readIfThere, writeDurably } from './durable-files.ts';
import type { MysqlInstallation } from './installation.ts';
import { ADMIN_USER } from './session.ts';
import { volumeLayout } from './volume-layout.ts';

/** What one incarnation is started with. */
export interface BootFiles {
  incarnation: number;
  config: string;
  /** Holds the administration password: remove it as soon as mysqld serves. */
  initFile: string;
  /** Of `cotton_admin`, in this incarnation only. */
  password: string;
}

/** Writes my.cnf and the statements that mysqld runs before it listens, and numbers the incarnation. */
export async function writeBootFiles(
  installation: MysqlInstallation,
  data: DataDirectory,
  settings: ServerSettings,
  errorLog: string,
): Promise<BootFiles> {
  const layout = volumeLayout(data.volume);
  const config = join(layout.run, 'my.cnf');
  const initFile = join(layout.run, 'init.sql');
  const text = renderConfig(installation, data, settings, { errorLog, initFile });
  const password = randomBytes(24).toString('hex');
  await writeFor(config, text, data.owner);
  await writeFor(initFile, initStatements(password), data.owner);
  await removeStaleSocket(data.path);
  return { incarnation: await nextIncarnation(layout.incarnation), config, initFile, password };
}

/**
 * The administration account gets a new password at every start: none has to be kept, and what a CLONE or a restored
 * backup brings along is overwritten. Nothing of it enters the binary log, or every member were born errant. mysqld
 * listens only after these statements, so nobody meets it open.
 */
function initStatements(password: string): string {
  return [
    'SET GLOBAL super_read_only = OFF;',
    'SET sql_log_bin = 0;',
    `CREATE USER IF NOT EXISTS ${ADMIN_USER}@localhost;`,
    `ALTER USER ${ADMIN_USER}@localhost IDENTIFIED WITH caching_sha2_password BY '${password}' ACCOUNT UNLOCK;`,
    `GRANT ALL ON *.* TO ${ADMIN_USER}@localhost WITH GRANT OPTION;`,
    'DROP USER IF EXISTS root@localhost;',
    'SET GLOBAL super_read_only = ON;',
    '',
  ].join('\n');
}

/** A dead mysqld leaves a lock that names its process id; by now another process may have that number. */
async function removeStaleSocket(dataDirectory: string): Promise<void> {
  for (const name of [SOCKET, `${SOCKET}.lock`, 'mysqld.pid'])
    await rm(join(dataDirectory, name), { force: true });
}

async function nextIncarnation(file: string): Promise<number> {
  const last = Number((await readIfThere(file)) ?? 0);
  const next = (Number.isSafeInteger(last) ? last : 0) + 1;
  await writeDurably(file, `${next}\n`);
  return next;
}

async function writeFor(file: string, text: string, owner?: Owner): Promise<void> {
  await writeDurably(file, text, 0o600);
  if (owner) await lchown(file, owner.uid, owner.gid);
}
