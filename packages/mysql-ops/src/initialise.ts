import { execa } from 'execa';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MysqlOpsError } from './error.ts';
import type { MysqlInstallation } from './installation.ts';
import { aborted } from './limit.ts';
import { tailOf } from './error-log.ts';
import { volumeErrorIn } from './volume-errors.ts';

const TIMEOUT_MS = 600_000;

/**
 * Makes a data directory from nothing, with an empty GTID set and `root@localhost` without a password (the first
 * start removes it before anybody can connect).
 * @throws MysqlOpsError `initialise_failed`, `volume_full`, `volume_read_only`, `aborted`
 */
export async function initialise(
  installation: MysqlInstallation,
  directory: string,
  temporary: string,
  signal?: AbortSignal,
): Promise<void> {
  const [program = '', ...args] = installation.mysqld;
  const logs = await mkdtemp(join(tmpdir(), 'cotton-initialise-'));
  const errorLog = join(logs, 'error.log');
  const options = [
    '--no-defaults',
    '--initialize-insecure',
    `--datadir=${directory}`,
    `--basedir=${installation.basedir}`,
    `--plugin-dir=${installation.pluginDir}`,
    `--lc-messages-dir=${installation.messagesDir}`,
    `--tmpdir=${temporary}`,
    `--log-error=${errorLog}`,
    '--secure-file-priv=NULL',
    '--loose-mysqlx=OFF',
    '--innodb-redo-log-capacity=8M', // the least there is; the first start resizes it
    ...runAsRoot(),
  ];
  try {
    const result = await execa(program, [...args, ...options], {
      reject: false,
      timeout: TIMEOUT_MS,
      cancelSignal: signal,
      killSignal: 'SIGKILL', // nothing it leaves is used
    });
    if (signal?.aborted) throw aborted(signal);
    if (!result.failed) return;
    const log = tailOf(await readFile(errorLog, 'utf8').catch(() => result.stderr));
    throw new MysqlOpsError(volumeErrorIn(log) ?? 'initialise_failed', log);
  } finally {
    await rm(logs, { recursive: true, force: true });
  }
}

/** mysqld refuses to run as root unless told so. Changing to the user it already is keeps the parent-death signal. */
export function runAsRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}
