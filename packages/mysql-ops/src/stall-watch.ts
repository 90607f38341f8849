import { readFile } from 'node:fs/promises';
import { sizeOf } from './error-log.ts';

const LOOK_EVERY_MS = 1000;

/** Notices when a starting mysqld no longer gets anything done. */
export class StallWatch {
  readonly #pid: number;
  readonly #logFile: string;
  readonly #stalledMs: number;
  #seen = '';
  #changedAt = performance.now();
  #lookedAt = 0;

  constructor(pid: number, logFile: string, stalledMs: number) {
    this.#pid = pid;
    this.#logFile = logFile;
    this.#stalledMs = stalledMs;
  }

  /** Looks at most once a second; true when it looked. */
  async look(): Promise<boolean> {
    const now = performance.now();
    if (now - this.#lookedAt < LOOK_EVERY_MS) return false;
    this.#lookedAt = now;
    const progress = await progressOf(this.#pid, this.#logFile);
    if (progress !== this.#seen) this.#changedAt = now;
    this.#seen = progress;
    return true;
  }

  get isStalled(): boolean {
    return performance.now() - this.#changedAt > this.#stalledMs;
  }
}

/**
 * A text that changes as long as a process gets anything done: its CPU time, the bytes it read and wrote, its log.
 * (Linux proc(5): `stat` fields 14 and 15, `io`.)
 */
async function progressOf(pid: number, logFile: string): Promise<string> {
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
