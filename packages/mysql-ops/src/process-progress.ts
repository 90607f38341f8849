import { readFile } from 'node:fs/promises';
import { sizeOf } from './error-log.ts';

/**
 * A text that changes as long as a process gets anything done: its CPU time, the bytes it read and wrote, its log.
 * (Linux proc(5): `stat` fields 14 and 15, `io`.)
 */
export async function progressOf(pid: number, logFile: string): Promise<string> {
  const [stat, io, logSize] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''),
    readFile(`/proc/${pid}/io`, 'utf8').catch(() => ''),
    sizeOf(logFile),
  ]);
  // The second field, the program's name, may hold spaces; it ends at the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const cpuTicks = Number(fields[11]) + Number(fields[12]);
  const bytes = [...io.matchAll(/^(?:rchar|wchar): (\d+)$/gm)].map((match) => match[1]).join('/');
  return `${cpuTicks} ${bytes} ${logSize}`;
}
