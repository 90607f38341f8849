import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A binary log or relay log. */
export interface LogFile {
  name: string;
  bytes: number;
}

/** The newest transactions are the ones somebody still asks for; and the last file is in use. */
const KEPT_MIN = 2;

/** Oldest first. Read off the directory: asking mysqld would wait for the one that writes them, who may wait for room. */
export async function logFiles(dataDirectory: string, kind: 'binlog' | 'relay'): Promise<LogFile[]> {
  const numbered = (await readdir(dataDirectory)).flatMap((name) => {
    const [, base, number] = /^([a-z]+)\.(\d{6,})$/.exec(name) ?? [];
    return base === kind ? [{ name, number: Number(number) }] : [];
  });
  numbered.sort((a, b) => a.number - b.number);
  const files = await Promise.all(numbered.map(({ name }) => sized(dataDirectory, name)));
  return files.filter((file) => file !== undefined);
}

/** mysqld may throw one away meanwhile. */
async function sized(dataDirectory: string, name: string): Promise<LogFile | undefined> {
  return stat(join(dataDirectory, name)).then(
    ({ size }) => ({ name, bytes: size }),
    () => undefined,
  );
}

export function totalBytes(files: LogFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The first file to keep, so that all that are kept take no more than `keepBytes`; undefined: every file stays. */
export function oldestToKeep(files: LogFile[], keepBytes: number): string | undefined {
  let bytes = totalBytes(files);
  let first = 0;
  for (; first < files.length - KEPT_MIN && bytes > keepBytes; first++) bytes -= files[first]?.bytes ?? 0;
  return first === 0 ? undefined : files[first]?.name;
}
