/** Saves what explains a failed round before the lab is thrown away. */
import { copyFile, mkdir, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

const WANTED = /(\.log|^stdout|^stderr)$/;
/** An executor's log of one round is far below. */
const MOST_BYTES = 8 << 20;
const MOST_FILES = 400;

/** Copies all logs below `labDir` and writes `documents` beside them. @returns the folder */
export async function keepEvidence(
  folder: string,
  labDir: string,
  documents: Record<string, unknown>,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [name, document] of Object.entries(documents))
    await writeFile(join(folder, `${name}.json`), JSON.stringify(document, null, 1));
  for (const file of (await findLogs(labDir)).slice(0, MOST_FILES)) {
    const copy = join(folder, 'logs', relative(labDir, file));
    await mkdir(dirname(copy), { recursive: true });
    // Logs grow and go while we look.
    await copyFile(file, copy).catch(() => undefined);
    const size = await stat(copy).then(
      (info) => info.size,
      () => 0,
    );
    if (size > MOST_BYTES) await truncate(copy, MOST_BYTES);
  }
  return folder;
}

async function findLogs(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && WANTED.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
