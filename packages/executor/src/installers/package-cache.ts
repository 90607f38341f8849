import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from '../file-lock.ts';
import type { Log } from '../log.ts';

/**
 * Unpacked packages, shared by the executors of one user on one agent: unpacking some 300 MB for every task would be
 * the longest part of a start. It lies outside every sandbox, because Mesos removes sandboxes; under /var/tmp, because
 * that survives a reboot and every host has it. Nothing is ever removed: a mysqld may be running from it.
 */
const DEFAULT_ROOT = '/var/tmp';

/**
 * The folder to keep packages in, or undefined when there is none that can be trusted: in a folder that others may
 * write to, somebody else's mysqld would run with our rights.
 */
export async function packageCache(wanted: string | undefined, log: Log): Promise<string | undefined> {
  const root = wanted ?? join(DEFAULT_ROOT, `cotton-${userInfo().uid}`, 'packages');
  try {
    await mkdir(root, { recursive: true, mode: 0o755 });
    const problem = (await distrust(join(root, '..'))) ?? (await distrust(root));
    if (problem === undefined) return root;
    log.warn({ cache: root, problem }, 'package cache not used');
  } catch (error) {
    log.warn({ cache: root, error }, 'package cache not used');
  }
  return undefined;
}

/** Why a folder is not ours alone; undefined when it is. */
async function distrust(folder: string): Promise<string | undefined> {
  const info = await lstat(folder);
  if (!info.isDirectory()) return `${folder} is not a directory`;
  const uid = userInfo().uid;
  if (info.uid !== uid && info.uid !== 0)
    return `${folder} belongs to uid ${info.uid}, this executor is uid ${uid}`;
  // The sticky bit keeps others from replacing what is ours.
  if ((info.mode & 0o022) !== 0 && (info.mode & 0o1000) === 0) return `${folder} may be written by others`;
  return undefined;
}

/**
 * The package `key` below `root`, made by `unpack(into)` when it is not there yet. However many executors ask at the
 * same time, one unpacks and the others wait. A crash leaves a folder with another name, never half a package.
 */
export async function cachedPackage(
  root: string,
  key: string,
  signal: AbortSignal,
  unpack: (into: string) => Promise<void>,
): Promise<string> {
  const folder = join(root, key);
  if (!(await exists(folder))) {
    await withFileLock(join(root, `${key}.lock`), signal, async () => {
      if (await exists(folder)) return;
      const partial = join(root, `${key}.partial`);
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial, { mode: 0o755 });
      await unpack(partial);
      await rename(partial, folder);
    });
  }
  return folder;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
