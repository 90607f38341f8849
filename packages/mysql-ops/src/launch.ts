import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { DataDirectory } from './data-directory.ts';
import { MysqlOpsError } from './error.ts';
import { runAsRoot } from './initialise.ts';
import type { MysqlInstallation } from './installation.ts';

/**
 * The parent-death signal is lost when a process changes its user, so privileges are dropped before it is asked for.
 * Never `detached`: mysqld stays in the executor's session.
 */
export async function launch(
  installation: MysqlInstallation,
  data: DataDirectory,
  config: string,
  errorLog: string,
): Promise<ChildProcess> {
  const { owner } = data;
  const isRoot = !owner || owner.uid === 0;
  const drop = isRoot
    ? []
    : ['setpriv', '--reuid', `${owner.uid}`, '--regid', `${owner.gid}`, '--clear-groups'];
  const user = isRoot ? runAsRoot() : [];
  const [program = '', ...args] = [
    ...drop,
    ...['setpriv', '--pdeathsig', 'KILL'],
    ...installation.mysqld,
    `--defaults-file=${config}`,
    ...user,
  ];
  const log = await open(errorLog, 'a', 0o640);
  try {
    if (owner) await log.chown(owner.uid, owner.gid);
    const env = { PATH: process.env.PATH, TZ: process.env.TZ };
    const child = spawn(program, args, { cwd: data.path, env, stdio: ['ignore', log.fd, log.fd] });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) =>
        reject(new MysqlOpsError('start_failed', `${program} cannot be run`, { cause })),
      );
    });
    return child;
  } finally {
    await log.close();
  }
}
