import { execa } from 'execa';
import { ensureAll, SetupError } from '@cotton/setup';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { filesToRunAgain, withSecondRun } from './second-run.ts';
import type { Tally } from './tally.ts';
import { TALLY_FILE } from './tally-reporter.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const MINUTE_MS = 60_000;

export interface Stage {
  name: string;
  /** Without it nothing after it makes sense. */
  isNeededByTheRest: boolean;
  run(signal: AbortSignal): Promise<Tally>;
}

export const TIERS = ['unit', 'integration', 'contract', 'e2e'] as const;
export type Tier = (typeof TIERS)[number];

const TIER_LIMIT_MS: Record<Tier, number> = {
  unit: 5 * MINUTE_MS,
  integration: 20 * MINUTE_MS,
  contract: 15 * MINUTE_MS,
  e2e: 30 * MINUTE_MS,
};

/** The stages of a whole run, or, with `only`, of those tiers alone and what they stand on. */
export function stagesFor(only: Tier[]): Stage[] {
  const tiers = only.length > 0 ? only : [...TIERS];
  const needsParts = tiers.some((tier) => tier !== 'unit');
  return [
    ...(needsParts ? [stage('set-up', true, setUp)] : []),
    ...(only.length === 0 ? [stage('lint', false, (signal) => npmScript('lint', signal))] : []),
    ...(needsParts ? [stage('build', true, (signal) => npmScript('build', signal))] : []),
    ...tiers.map((tier) => stage(tier, false, (signal) => runTier(tier, signal))),
  ];
}

function stage(name: string, isNeededByTheRest: boolean, run: Stage['run']): Stage {
  return { name, isNeededByTheRest, run };
}

async function setUp(): Promise<Tally> {
  try {
    await ensureAll((line) => console.log(line));
    return tally([]);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return tally([`set-up: ${error.message}`]);
  }
}

async function npmScript(name: string, signal: AbortSignal): Promise<Tally> {
  const bootstrap = join(ROOT, 'tools/bootstrap.mjs');
  const code = await runToEnd([bootstrap, name], {}, signal, 10 * MINUTE_MS);
  return tally(code === 0 ? [] : [`${name}: see its output above`]);
}

/**
 * Real servers on a machine that CI shares: a file that failed is run once more, and a second failure counts. Whole
 * files, because their stories build on each other. Tests without real parts get no second run.
 */
async function runTier(tier: Tier, signal: AbortSignal): Promise<Tally> {
  const first = await vitest(tier, [], signal);
  const files = tier === 'integration' || tier === 'e2e' ? filesToRunAgain(first) : [];
  if (files.length === 0 || signal.aborted) return first;
  console.log(`\n== ${tier}, once more: ${files.join(' ')}`);
  return withSecondRun(first, await vitest(tier, files, signal));
}

/** Runs one vitest project. A tier that ran nothing, or ended badly without a failed test, has failed. */
async function vitest(tier: Tier, files: string[], signal: AbortSignal): Promise<Tally> {
  const scratch = await mkdtemp(join(tmpdir(), 'cotton-tally-'));
  const file = join(scratch, 'tally.json');
  const reporters = ['--reporter=default', `--reporter=${join(import.meta.dirname, 'tally-reporter.ts')}`];
  try {
    const args = [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--project',
      tier,
      ...files,
      ...reporters,
    ];
    const code = await runToEnd(args, { [TALLY_FILE]: file }, signal, TIER_LIMIT_MS[tier]);
    const counted = JSON.parse(
      await readFile(file, 'utf8').catch(() => '{"passed":0,"failed":[],"skipped":[],"unsteady":[]}'),
    ) as Tally;
    const isExplained = code === 0 || (typeof code === 'number' && counted.failed.length > 0);
    if (!isExplained) counted.failed.push(`${tier}: the test run ended with ${code}`);
    else if (counted.passed + counted.failed.length === 0) counted.failed.push(`${tier}: no test ran`);
    return counted;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Runs a Node program with our output as its own; the answer is its exit code, or why it has none. */
async function runToEnd(
  args: string[],
  env: Record<string, string>,
  cancelSignal: AbortSignal,
  timeoutMs: number,
): Promise<number | string> {
  const result = await execa(process.execPath, args, {
    cwd: ROOT,
    env,
    stdio: 'inherit',
    reject: false,
    cancelSignal,
    killSignal: 'SIGINT', // lets tests take down what they started
    forceKillAfterDelay: 15_000,
    timeout: timeoutMs,
  });
  if (result.timedOut) return `a time-out after ${timeoutMs / MINUTE_MS} minutes`;
  return result.exitCode ?? result.signal ?? 'no exit code';
}

function tally(failed: string[]): Tally {
  return { passed: 0, failed, skipped: [], unsteady: [] };
}
