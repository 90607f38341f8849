import {
  ensureAll,
  ensureChromium,
  ensureIproute,
  ensureSpin,
  ensureTinyC,
  type Progress,
  SetupError,
} from '@cotton/setup';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { runProject } from './run-project.ts';
import { MINUTE_MS, ROOT, runToEnd } from './run-to-end.ts';
import { filesToRunAgain, withSecondRun } from './second-run.ts';
import { failures, type Tally } from './tally.ts';

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

/** What single tests of a tier fetch for themselves. */
const FETCHED_BY_TESTS: Record<Tier, ((progress: Progress) => Promise<unknown>)[]> = {
  unit: [],
  integration: [ensureIproute, ensureSpin, ensureTinyC],
  contract: [],
  e2e: [ensureChromium],
};

/**
 * The steps of a whole run, or, with `only`, of those tiers alone and what they stand on. The stages of one step run at
 * the same time: set-up mostly waits for the network, and a build needs nothing of what it fetches. Lint starts Nx, as
 * the build does, and there must not be two of them.
 */
export function stepsFor(only: Tier[]): Stage[][] {
  const tiers = only.length > 0 ? only : [...TIERS];
  const parts = [
    stage('set-up', true, (signal) => setUp(tiers, signal)),
    stage('build', true, (signal) =>
      withOutputAtTheEnd('build', (output) => npmScript('build', signal, output)),
    ),
  ];
  const lint = stage('lint', false, (signal) => npmScript('lint', signal));
  return [
    ...(tiers.some((tier) => tier !== 'unit') ? [parts] : []),
    ...(only.length === 0 ? [[lint]] : []),
    ...tiers.map((tier) => [stage(tier, false, (signal) => runTier(tier, signal))]),
  ];
}

function stage(name: string, isNeededByTheRest: boolean, run: Stage['run']): Stage {
  return { name, isNeededByTheRest, run };
}

/** Fetching knows no signal. Whoever interrupts does not wait for it: it ends with this process. */
async function setUp(tiers: Tier[], signal: AbortSignal): Promise<Tally> {
  try {
    await Promise.race([ensureAll((line) => console.log(`set-up: ${line}`)), once(signal, 'abort')]);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return failures([`set-up: ${error.message}`]);
  }
  if (signal.aborted) return failures(['set-up: interrupted']);
  void fetchAhead(tiers);
  return failures([]);
}

/** Meanwhile other tests run. What does not come, its test tries to fetch again, and reports. */
async function fetchAhead(tiers: Tier[]): Promise<void> {
  for (const ensure of tiers.flatMap((tier) => FETCHED_BY_TESTS[tier]))
    await ensure(() => undefined).catch(() => undefined);
}

async function npmScript(name: string, signal: AbortSignal, output?: Writable): Promise<Tally> {
  const bootstrap = join(ROOT, 'tools/bootstrap.mjs');
  const code = await runToEnd([bootstrap, name], {
    limitMs: 10 * MINUTE_MS,
    signal,
    ...(output !== undefined && { output }),
  });
  return failures(code === 0 ? [] : [`${name}: see its output above`]);
}

/** What `work` writes into the file it is given is shown when it has ended, in one piece: another stage prints too. */
async function withOutputAtTheEnd(name: string, work: (output: Writable) => Promise<Tally>): Promise<Tally> {
  const scratch = await mkdtemp(join(tmpdir(), 'cotton-test-'));
  const path = join(scratch, 'output');
  const output = createWriteStream(path, { flags: 'a' });
  try {
    await once(output, 'open');
    return await work(output);
  } finally {
    output.destroy();
    console.log(`\n== the output of ${name}\n${await readFile(path, 'utf8')}`);
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Real servers on a machine that CI shares: a file that failed is run once more, and a second failure counts. Whole
 * files, because their stories build on each other. Tests without real parts get no second run.
 */
async function runTier(tier: Tier, signal: AbortSignal): Promise<Tally> {
  const options = { limitMs: TIER_LIMIT_MS[tier], signal };
  const first = await runProject(tier, options);
  const files = tier === 'integration' || tier === 'e2e' ? filesToRunAgain(first) : [];
  if (files.length === 0 || signal.aborted) return first;
  console.log(`\n== ${tier}, once more: ${files.join(' ')}`);
  return withSecondRun(first, await runProject(tier, { ...options, files }));
}
