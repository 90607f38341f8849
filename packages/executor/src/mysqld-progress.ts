import { readFile } from 'node:fs/promises';

/** What changes as long as a process gets anything done. */
export interface Progress {
  cpuTicks: number;
  /** Read and written so far. */
  bytes: number;
}

/** Linux proc(5): `stat` fields 14 and 15, `io`. undefined when the process is gone. */
export async function progressOf(pid: number): Promise<Progress | undefined> {
  try {
    const [stat, io] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/io`, 'utf8').catch(() => ''),
    ]);
    // The second field, the program's name, may hold spaces; it ends at the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const moved = [...io.matchAll(/^(?:rchar|wchar): (\d+)$/gm)].map((match) => Number(match[1]));
    return {
      cpuTicks: Number(fields[11]) + Number(fields[12]),
      bytes: moved.reduce((sum, bytes) => sum + bytes, 0),
    };
  } catch {
    return undefined;
  }
}
