import { execa } from 'execa';
import { lstat, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { SetupError } from './error.ts';

/** Every file and link under `dir`, as paths from `dir`. */
export async function listTree(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .sort();
}

/** Makes absolute links in an unpacked tree (`/etc/…`) point into the tree, as they would once installed. */
export async function relinkAbsolute(root: string): Promise<void> {
  for (const path of await listTree(root)) {
    const link = join(root, path);
    if (!(await lstat(link)).isSymbolicLink()) continue;
    const target = await readlink(link);
    if (!target.startsWith('/')) continue;
    await rm(link);
    await symlink(relative(dirname(link), join(root, target)), link);
  }
}

/** Removes every file under `dir` that `keep` does not want, and folders left empty. */
export async function prune(dir: string, keep: (path: string) => boolean): Promise<void> {
  for (const path of await listTree(dir)) if (!keep(path)) await rm(join(dir, path));
  await removeEmptyFolders(dir);
}

async function removeEmptyFolders(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const folder = join(dir, entry.name);
    await removeEmptyFolders(folder);
    if ((await readdir(folder)).length === 0) await rm(folder, { recursive: true });
  }
}

/** The file names of all shared libraries that `programs` load, as the tree's own loader resolves them. */
export async function librariesOf(
  loader: string,
  libraryPath: string,
  programs: string[],
): Promise<Set<string>> {
  const names = new Set<string>([basename(loader)]);
  for (const program of programs) {
    const listed = await execa(loader, ['--library-path', libraryPath, '--list', program], { reject: false });
    const missing = /^\s*(\S+) => not found/m.exec(listed.stdout)?.[1];
    if (listed.failed || missing) {
      throw new SetupError(
        'unpack_failed',
        `${program} cannot load ${missing ?? listed.stderr}; a package is missing from the set`,
      );
    }
    for (const match of listed.stdout.matchAll(/=> (\S+) \(0x/g)) names.add(basename(match[1]!));
  }
  return names;
}
