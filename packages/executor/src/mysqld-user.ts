import type { MysqlInstallation, Owner } from '@cotton/mysql-ops';
import { volumeOwner } from '@cotton/mysql-ops';
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from './log.ts';

/** By convention the user that owns nothing. */
const NOBODY: Owner = { uid: 65_534, gid: 65_534 };
const PROBE_MS = 10_000;

/**
 * Whom mysqld runs as: undefined for the executor's own user. An executor of root drops to the volume's owner; where
 * that is root too, to whoever owns the data already (one uid for the life of a volume), or else to nobody.
 */
export async function mysqldUser(
  volume: string,
  installation: MysqlInstallation,
  log: Log,
): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await volumeOwner(volume);
  if (owner) return owner;
  const data = await stat(join(volume, 'data')).catch(() => undefined);
  if (data) return data.uid === 0 ? undefined : { uid: data.uid, gid: data.gid };
  if (await canRun(NOBODY, installation, volume)) return NOBODY;
  log.warn(
    { volume },
    'mysqld runs as root: MySQL or the volume lies in a directory that no other user may enter',
  );
  return undefined;
}

/** A directory above may be closed to others, as /root is. */
async function canRun(user: Owner, { mysqld }: MysqlInstallation, volume: string): Promise<boolean> {
  const run = promisify(execFile);
  const as = { ...user, cwd: '/', timeout: PROBE_MS };
  const [program = '', ...args] = mysqld;
  try {
    await run('test', ['-x', volume], as);
    await run(program, [...args, '--no-defaults', '--version'], as);
    return true;
  } catch {
    return false;
  }
}
