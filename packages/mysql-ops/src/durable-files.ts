import { constants } from 'node:fs';
import { copyFile, lchown, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Replaces a file. When this returns, the new text survives a power loss; until then the old one stands. */
export async function writeDurably(file: string, contents: string, mode = 0o644): Promise<void> {
  const temporary = `${file}.new`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', mode);
  try {
    await handle.writeFile(contents);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncPath(dirname(file));
}

/** A file's text, or undefined when there is none. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function removeDurably(file: string): Promise<void> {
  await rm(file, { force: true });
  await syncPath(dirname(file));
}

export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Copies regular files and directories; shares blocks where the file system can. */
export async function copyTree(from: string, to: string, wanted: (name: string) => boolean): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o750 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (!wanted(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target, wanted);
    else if (entry.isFile()) await copyFile(source, target, constants.COPYFILE_FICLONE);
  }
}

/** Makes a whole tree survive a power cut, and hands it to `owner`. */
export async function settleTree(root: string, owner?: { uid: number; gid: number }): Promise<void> {
  for (const entry of await readdir(root, { withFileTypes: true })) {
    const path = join(root, entry.name);
    if (entry.isDirectory()) await settleTree(path, owner);
    else await settle(path, owner);
  }
  await settle(root, owner);
}

async function settle(path: string, owner?: { uid: number; gid: number }): Promise<void> {
  // The directory comes after what is in it: an interrupted change of owner shows at its root.
  if (owner) await lchown(path, owner.uid, owner.gid);
  await syncPath(path);
}
