import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StateError } from './errors.ts';

const MODE_PRIVATE_FILE = 0o600;
const MODE_PRIVATE_DIRECTORY = 0o700;
const TEMPORARY_SUFFIX = '.tmp';

/** Files that are either as before or as after a write, whenever the machine stops. All failures are StateError `io`. */
export async function writeDurably(file: string, data: Buffer): Promise<void> {
  const temporary = `${file}${TEMPORARY_SUFFIX}`;
  await onDisk(file, async () => {
    const handle = await open(
      temporary,
      constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC,
      MODE_PRIVATE_FILE,
    );
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncDirectory(dirname(file));
  });
}

export async function removeDurably(file: string): Promise<void> {
  await onDisk(file, async () => {
    await unlink(file);
    await syncDirectory(dirname(file));
  });
}

export async function makeDirectory(directory: string): Promise<void> {
  await onDisk(directory, async () => {
    await mkdir(directory, { recursive: true, mode: MODE_PRIVATE_DIRECTORY });
    await syncDirectory(dirname(directory));
  });
}

export async function readIfThere(file: string): Promise<Buffer | undefined> {
  return onDisk(file, async () => {
    try {
      return await readFile(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  });
}

/** Names of the files with this extension, without it; what a crash left half written is not among them. */
export async function listFiles(directory: string, extension: string): Promise<string[]> {
  const names = await onDisk(directory, () => readdir(directory));
  return names
    .filter((name) => name.endsWith(extension))
    .map((name) => name.slice(0, -extension.length))
    .sort();
}

/** A rename is durable only with its directory. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function onDisk<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new StateError('io', `${place}: ${(cause as Error).message}`, { cause });
  }
}
