/** Reads what scheduler and executors logged: one JSON object a line. */
import type { Lab } from '@cotton/chaos';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface LogLine {
  atMs: number;
  /** Instance whose executor wrote it; undefined for a scheduler. */
  instance: string | undefined;
  message: string;
  fields: Readonly<Record<string, unknown>>;
}

const EXECUTOR_LOGS = 'slaves/*/frameworks/*/executors/*/runs/*/stderr';

/** Lines since then, oldest first. */
export async function readLogs(lab: Lab, sinceMs: number): Promise<LogLine[]> {
  const files: string[] = [];
  for await (const name of glob('*.log', { cwd: lab.dir })) files.push(join(lab.dir, name));
  for (const { workDir } of lab.agents)
    for await (const name of glob(EXECUTOR_LOGS, { cwd: workDir })) files.push(join(workDir, name));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return texts
    .flatMap(parseLog)
    .filter(({ atMs }) => atMs >= sinceMs)
    .sort((a, b) => a.atMs - b.atMs);
}

/** What is not a log line of Cotton's is left out. */
export function parseLog(text: string): LogLine[] {
  return text.split('\n').flatMap((line): LogLine[] => {
    if (!line.startsWith('{')) return [];
    try {
      const { time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
      const atMs = Date.parse(String(time));
      const { instance } = fields;
      if (Number.isNaN(atMs)) return [];
      return [
        { atMs, message: String(msg), instance: typeof instance === 'string' ? instance : undefined, fields },
      ];
    } catch {
      return [];
    }
  });
}
