/** One line of JSON per round, appended as rounds end, so that an interrupted run can go on. */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Result {
  /** What was tried: see tried.ts. */
  commit: string;
  fault: string;
  /** Counts the rounds of this fault at this commit and seed. */
  index: number;
  seed: number;
  nodes: number;
  ground: 'namespaces' | 'processes';
  at: string;
  acknowledged: number;
  unknown: number;
  lost: number;
  /** Doubled acknowledgements, and reads that were stale, went back or saw what is gone. */
  doubled: number;
  /** All violations, in words. */
  violations: string[];
  /** Steps that did nothing, not to everyone they are for, or waited in vain. Absent: nobody looked. */
  withoutEffect?: string[];
  /** Stale reads in a round that restored ZooKeeper, in words: a documented limit, no violation. */
  excused?: string[];
  gapMs: number;
  elections: number;
  /** What the API said, with ms from the first step on. */
  timeline: string[];
  roundMs: number;
  load: number;
  /** Where history and logs of a failed round are. */
  kept?: string;
}

export async function readResults(file: string): Promise<Result[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap(parseLine);
}

export async function appendResult(file: string, result: Result): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await appendFile(file, `${JSON.stringify(result)}\n`);
}

/** The last line may be torn by whatever ended the run. */
function parseLine(line: string): Result[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as Result];
  } catch {
    return [];
  }
}
