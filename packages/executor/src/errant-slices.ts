import { type ErrantSlice } from '@cotton/core';
import { type MysqlServer, saveErrant, writeDurably } from '@cotton/mysql-ops';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Within the volume. Rebuilds of the data leave it alone. */
const DIRECTORY = 'errant';
const NOTE = '.json';
const SAVE_MS = 60_000;

/**
 * Saves transactions that only this instance has, with a note beside them that says which they are.
 * Crash before the note is durable: the slice is made again, under the same name.
 * @throws MysqlOpsError `slice_failed`: they are not safe, and the data must not be replaced
 */
export async function saveSlice(
  server: MysqlServer,
  errant: string,
  { volume, nowMs, signal }: { volume: string; nowMs: number; signal: AbortSignal },
): Promise<ErrantSlice> {
  const { installation, data } = server.options;
  const directory = join(volume, DIRECTORY);
  const saved = await saveErrant({ installation, data, errant, directory }, { deadlineMs: SAVE_MS, signal });
  const name = basename(saved.file);
  const slice = { gtids: errant, file: join(DIRECTORY, name), savedAtMs: nowMs };
  await writeDurably(join(directory, `${name}${NOTE}`), JSON.stringify(slice), 0o600);
  return slice;
}

/** What was saved in this volume, oldest first. */
export async function listSlices(volume: string): Promise<ErrantSlice[]> {
  const directory = join(volume, DIRECTORY);
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const notes = names.filter((name) => name.endsWith(NOTE));
  const slices = await Promise.all(notes.map((name) => readFile(join(directory, name), 'utf8')));
  return slices.flatMap(parse).sort((a, b) => a.savedAtMs - b.savedAtMs);
}

/** A damaged note hides its slice from the status; it must not keep the instance down. */
function parse(text: string): ErrantSlice[] {
  try {
    const { gtids, file, savedAtMs } = JSON.parse(text) as Partial<ErrantSlice>;
    const isWhole = typeof gtids === 'string' && typeof file === 'string' && Number.isFinite(savedAtMs);
    return isWhole ? [{ gtids, file, savedAtMs: Number(savedAtMs) }] : [];
  } catch {
    return [];
  }
}
