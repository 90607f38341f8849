import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The first executable file called `name` in `first`, then on the PATH. */
export async function findOnPath(name: string, first?: string): Promise<string | undefined> {
  const folders = [first, ...(process.env['PATH'] ?? '').split(delimiter)].filter(
    (folder) => folder !== undefined,
  );
  for (const folder of folders) {
    const file = join(folder, name);
    if (folder && (await isExecutable(file))) return file;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
