import { open, rename, stat } from 'node:fs/promises';

const ROTATE_AT_BYTES = 16 * 1024 * 1024;
const READ_BYTES = 64 * 1024;
const TAIL_LINES = 10;
const TAIL_CHARS = 2000;

/** mysqld's error log of one incarnation: the part behind `offset` in a file that outlives it. */
export interface ErrorLog {
  file: string;
  offset: number;
}

/** Notes where a new incarnation's log begins; sets a large file aside first. */
export async function beginErrorLog(file: string): Promise<ErrorLog> {
  const size = await sizeOf(file);
  if (size < ROTATE_AT_BYTES) return { file, offset: size };
  await rename(file, `${file}.1`);
  return { file, offset: 0 };
}

export async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** What mysqld said last, fit for a task's message. */
export async function readTail(log: ErrorLog): Promise<string> {
  const size = await sizeOf(log.file);
  const start = Math.max(log.offset, size - READ_BYTES);
  if (size <= start) return '';
  const handle = await open(log.file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
    return tailOf(buffer.subarray(0, bytesRead).toString('utf8'));
  } finally {
    await handle.close();
  }
}

/** Errors, and what a dying process says without calling it one. */
const TELLING = /\[ERROR\]|got signal \d|Assertion failure|Out of memory/;
/** "Cannot open ib_buffer_pool": so it is whenever the last end was a kill. */
const HARMLESS = /\[MY-011947\]/;

/** The last errors, or, where there are none, the last lines; at most 2,000 characters. */
export function tailOf(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !HARMLESS.test(line));
  const telling = lines.filter((line) => TELLING.test(line));
  const kept = (telling.length > 0 ? telling : lines).slice(-TAIL_LINES).map(withoutStamp);
  return kept.join('\n').slice(-TAIL_CHARS);
}

/** `2026-01-01T00:00:00.000000Z 0 [ERROR] [MY-010262] [Server] text` → `[ERROR] [MY-010262] [Server] text` */
function withoutStamp(line: string): string {
  return line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+\S* \d+ /, '');
}
