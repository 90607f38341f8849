import type { Log } from '@cotton/log';
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join, relative } from 'node:path';
import { holdDirectory, withFileLock } from '../file-lock.ts';

/**
 * Unpacked packages, shared by the executors of one user on one agent: unpacking some 300 MB for every task would be
 * the longest part of a start. It lies outside every sandbox, because Mesos removes sandboxes; under /var/tmp, because
 * that survives a reboot and every host has it. Nothing is ever removed here; the host clears up what nobody has used for
 * a month.
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
    log.warn({ cache: root, err: error }, 'package cache not used');
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

/** In a package: what it has to hold, so that one that was cleared up in part is known. */
const LIST = '.cotton-files';

/** Of all files, by path. */
type Sizes = Record<string, number>;

/**
 * The package `key` below `root`, made by `unpack(into)` when it is not there yet, or no longer whole. However many
 * executors ask at the same time, one unpacks and the others wait. A crash leaves folders with other names, never half a
 * package. It is held from then on: nothing in it looks used while a mysqld runs from it for weeks.
 */
export async function cachedPackage(
  root: string,
  key: string,
  signal: AbortSignal,
  unpack: (into: string) => Promise<void>,
): Promise<string> {
  const folder = join(root, key);
  await holdDirectory(folder, signal);
  if (await isWhole(folder)) return folder;
  await withFileLock(join(root, `${key}.lock`), signal, async () => {
    if (await isWhole(folder)) return;
    const partial = join(root, `${key}.partial`);
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { mode: 0o755 });
    await unpack(partial);
    await writeFile(join(partial, LIST), JSON.stringify(await sizesIn(partial)));
    await replace(folder, partial, join(root, `${key}.broken`));
  });
  await holdDirectory(folder, signal);
  return folder;
}

/** A mysqld that runs from the old one has open what it needs, and finds the rest by the same path. */
async function replace(folder: string, by: string, aside: string): Promise<void> {
  await rm(aside, { recursive: true, force: true });
  await rename(folder, aside).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(by, folder);
  await rm(aside, { recursive: true, force: true });
}

async function isWhole(folder: string): Promise<boolean> {
  try {
    const listed = JSON.parse(await readFile(join(folder, LIST), 'utf8')) as Sizes;
    const found = await sizesIn(folder);
    return Object.entries(listed).every(([path, bytes]) => found[path] === bytes);
  } catch {
    return false;
  }
}

async function sizesIn(folder: string): Promise<Sizes> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [relative(folder, path), (await lstat(path)).size] as const)),
  );
}
