import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, runToEnd, type RunOptions } from './run-to-end.ts';
import { failures, type Tally } from './tally.ts';
import { TALLY_FILE } from './tally-reporter.ts';

export interface ProjectOptions extends Omit<RunOptions, 'output'> {
  /** Parts of paths; all of the project's files unless given. */
  files?: string[];
  reporter?: 'default' | 'verbose';
}

/** Runs one vitest project. One that ran nothing, or ended badly without a failed test, has failed. */
export async function runProject(
  project: string,
  { files = [], reporter = 'default', env, ...run }: ProjectOptions,
): Promise<Tally> {
  const scratch = await mkdtemp(join(tmpdir(), 'cotton-tally-'));
  const file = join(scratch, 'tally.json');
  const reporters = [reporter, join(import.meta.dirname, 'tally-reporter.ts')];
  const args = [
    ...[join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', project],
    ...[...files, ...reporters.map((one) => `--reporter=${one}`)],
  ];
  try {
    const code = await runToEnd(args, { ...run, env: { ...env, [TALLY_FILE]: file } });
    const counted = await readTally(file);
    const isExplained = code === 0 || (typeof code === 'number' && counted.failed.length > 0);
    if (!isExplained) counted.failed.push(`${project}: the test run ended with ${code}`);
    else if (counted.passed + counted.failed.length === 0) counted.failed.push(`${project}: no test ran`);
    return counted;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A run that ended before its first test has left none. */
async function readTally(file: string): Promise<Tally> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? failures([]) : (JSON.parse(text) as Tally);
}
