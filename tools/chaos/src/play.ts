/** A campaign from its options to its exit code. */
import { localDir, root } from '@cotton/start';
import { execa } from 'execa';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Campaign } from './campaign.ts';
import { FAULTS } from './faults/index.ts';
import { BUILT, type Bundles, editedBundles } from './lab/bundles.ts';
import { isIsolated } from './lab/isolate.ts';
import type { ChaosOptions } from './options.ts';
import { type PlannedRound, planRounds, splitByNeeds } from './plan.ts';
import { appendResult, readResults, type Result } from './report/results.ts';
import { formatRemarks, formatTable } from './report/table.ts';
import type { Limits } from './round.ts';
import { isCaught, type Trap } from './traps.ts';
import { describeProduct } from './tried.ts';

const LIMITS = { recoveryMs: 300_000, settleMs: 240_000 };
/** What is broken on purpose need not come to rest. */
const TRAP_LIMITS = { recoveryMs: 60_000, settleMs: 20_000 };

export interface Wishes {
  signal: AbortSignal;
  say: (line: string) => void;
}

/** Plays what was asked for and says what came out. @returns the exit code */
export async function play(options: ChaosOptions, wishes: Wishes): Promise<number> {
  const product = await describeProduct(git);
  const { trap } = options;
  if (!trap) return playWith(BUILT, product, options, wishes);
  const dir = await mkdtemp(join(tmpdir(), 'cotton-trap-'));
  try {
    wishes.say(`trap ${trap.name}: ${trap.breaks}`);
    return await playWith(await editedBundles(trap, dir), `${product}-${trap.name}`, options, wishes);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function playWith(
  bundles: Bundles,
  commit: string,
  options: ChaosOptions,
  wishes: Wishes,
): Promise<number> {
  const { seed, nodes, resume, trap, pauseMs } = options;
  const { say, signal } = wishes;
  const file = resultsFile(options);
  const isOurs = (result: Result): boolean =>
    result.commit === commit && result.seed === seed && result.nodes === nodes;
  const played = resume ? (await readResults(file)).filter(isOurs) : [];
  const campaign = new Campaign({
    ...{
      commit,
      bundles,
      seed,
      nodes,
      say,
      signal,
      pauseMs,
      isIsolated: isIsolated(),
      limits: limitsOf(options),
    },
    evidenceDir: join(localDir, 'chaos', commit),
  });
  try {
    for (const round of plannedRounds(options, await playableOf(campaign, options, say), played, signal)) {
      say(`\n${round.fault.name} #${round.index}`);
      const result = await campaign.play(round);
      played.push(result);
      await appendResult(file, result);
      say(describe(result));
      if (trap && isCaught(trap, result)) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await campaign.close();
  }
  console.log(`${formatTable(played, FAULTS)}\n\n${formatRemarks(played, FAULTS)}`);
  console.log(`commit ${commit}, seed ${seed}; rounds in ${file}`);
  const failed = played.filter(({ violations }) => violations.length > 0);
  for (const { fault, index, violations, kept } of failed)
    console.log(`\n${fault} #${index}\n  ${violations.join('\n  ')}\n  ${kept ?? ''}`);
  if (signal.aborted) return 130;
  return trap ? judgeTrap(trap, played) : Math.min(1, failed.length);
}

/** Where rounds go; those of a trap are none of the product's. */
export function resultsFile({ results, trap }: Pick<ChaosOptions, 'results' | 'trap'>): string {
  return results ?? join(localDir, trap ? 'chaos-traps.jsonl' : 'chaos.jsonl');
}

function limitsOf({ trap, sessionTimeoutMs }: ChaosOptions): Limits {
  return { ...(trap ? TRAP_LIMITS : LIMITS), sessionTimeoutMs };
}

async function playableOf(
  campaign: Campaign,
  { faults }: ChaosOptions,
  say: Wishes['say'],
): Promise<ChaosOptions['faults']> {
  const { playable, missing } = splitByNeeds(faults, await campaign.offers());
  for (const { fault, need } of missing) say(`not played: ${fault.name}, needs ${need}`);
  if (playable.length === 0) throw new Error('none of these faults can be played here');
  return playable;
}

function* plannedRounds(
  { each, seed, minutes }: ChaosOptions,
  faults: ChaosOptions['faults'],
  done: readonly Result[],
  signal: AbortSignal,
): Generator<PlannedRound> {
  const deadline = performance.now() + minutes * 60_000;
  for (const round of planRounds(faults, each, seed, done)) {
    if (signal.aborted || performance.now() > deadline) return;
    yield round;
  }
}

function judgeTrap(trap: Trap, played: readonly Result[]): number {
  const caught = played.findIndex((result) => isCaught(trap, result));
  const outcome = caught < 0 ? `NOT shown in ${played.length}` : `shown in round ${caught + 1}`;
  console.log(`\ntrap ${trap.name}: ${outcome} (${trap.shows.join(' or ')} was expected)`);
  return caught < 0 ? 1 : 0;
}

function describe({ acknowledged, unknown, gapMs, elections, violations, kept, roundMs }: Result): string {
  const facts = `${acknowledged} acknowledged, ${unknown} unknown, gap ${gapMs} ms, ${elections} elections, ${Math.round(roundMs / 1000)} s`;
  return violations.length === 0 ? facts : `${facts}\nVIOLATED\n  ${violations.join('\n  ')}\n  ${kept}`;
}

async function git(...args: string[]): Promise<string> {
  const { stdout } = await execa('git', ['-C', root, ...args], { reject: false });
  return stdout ?? '';
}
