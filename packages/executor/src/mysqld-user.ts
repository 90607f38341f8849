import type { Log } from '@cotton/log';
import type { MysqlInstallation, Owner } from '@cotton/mysql-ops';
import { volumeOwner } from '@cotton/mysql-ops';
import { execFile } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT: Owner = { uid: 0, gid: 0 };
/** By convention the user that owns nothing. */
const NOBODY: Owner = { uid: 65_534, gid: 65_534 };
const PROBE_MS = 10_000;
const ENTER = 0o001;

export interface MysqldPlace {
  sandbox: string;
  volume: string;
  installation: MysqlInstallation;
}

/**
 * Whom mysqld runs as: undefined for the executor's own user. An executor of root drops to the volume's owner; where
 * that is root too, to whoever owns the data already (one uid for the life of a volume), or else to nobody.
 */
export async function mysqldUser(place: MysqldPlace, log: Log): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  await letEnter(place.sandbox);
  const wanted = (await volumeOwner(place.volume)) ?? (await ownerOf(join(place.volume, 'data'))) ?? NOBODY;
  if (wanted.uid === 0 || (await canRun(wanted, place))) return wanted;
  const { volume } = place;
  log.warn(
    { volume, uid: wanted.uid },
    'mysqld runs as root: MySQL or the volume lies in a directory that no other user may enter',
  );
  return ROOT;
}

/** An agent makes the sandbox of a root executor for root alone, and MySQL and the volume may lie in it. */
async function letEnter(sandbox: string): Promise<void> {
  const { uid, mode } = await stat(sandbox);
  if (uid === 0 && (mode & ENTER) === 0) await chmod(sandbox, (mode & 0o7777) | ENTER);
}

async function ownerOf(path: string): Promise<Owner | undefined> {
  return stat(path).then(
    ({ uid, gid }) => ({ uid, gid }),
    () => undefined,
  );
}

/** A directory above may be closed to others, as /root is. */
async function canRun(user: Owner, { installation, volume }: MysqldPlace): Promise<boolean> {
  const run = promisify(execFile);
  const as = { ...user, cwd: '/', timeout: PROBE_MS };
  const [program = '', ...args] = installation.mysqld;
  try {
    await run('test', ['-x', volume], as);
    await run(program, [...args, '--no-defaults', '--version'], as);
    return true;
  } catch (error) {
    // A host that is only slow forbids nothing.
    return (error as { killed?: boolean }).killed === true;
  }
}
