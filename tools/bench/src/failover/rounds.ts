/** Plays every fault on every contender, in turn, and measures what clients saw. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StepTime } from '../arithmetic/chain.ts';
import { writeGap } from '../arithmetic/gap.ts';
import { isSamePlace, Writers } from '../load/writers.ts';
import type { Contender, FaultName, Wound } from './contender.ts';

/** One fault on one contender. */
export interface Round {
  contender: string;
  fault: FaultName;
  gapMs: number;
  /** Of what is not about writes: until it was over. */
  tookMs?: number;
  /** Empty where nobody tells. */
  steps: StepTime[];
  /** Why there are none. */
  stepsTrouble?: string;
}

export interface Trouble {
  contender: string;
  fault: FaultName;
  reason: string;
}

export interface RoundsPlan {
  contenders: readonly Contender[];
  faults: readonly FaultName[];
  count: number;
  signal: AbortSignal;
  say: (line: string) => void;
}

/** Before the fault: enough to know that writing goes well. After it: enough to see that it goes on. */
const BEFORE_MS = 1_000;
const AFTER_MS = 500;
const FIRST_WRITE_LIMIT_MS = 30_000;
const NEXT_WRITE_LIMIT_MS = 120_000;

/** What failed once for a contender is not tried again with it: it would fail at the next round, too. */
export async function playRounds(plan: RoundsPlan): Promise<{ rounds: Round[]; troubles: Trouble[] }> {
  const rounds: Round[] = [];
  const troubles: Trouble[] = [];
  const isTried = (contender: Contender, fault: FaultName): boolean =>
    contender.faults.includes(fault) &&
    !troubles.some((one) => one.contender === contender.name && one.fault === fault);
  for (let index = 1; index <= plan.count; index += 1)
    for (const fault of plan.faults)
      for (const contender of plan.contenders.filter((one) => isTried(one, fault))) {
        plan.signal.throwIfAborted();
        try {
          const round = await play(contender, fault);
          rounds.push(round);
          plan.say(`${index} of ${plan.count}, ${fault}, ${contender.name}: ${describe(round)}`);
        } catch (error) {
          plan.signal.throwIfAborted();
          troubles.push({ contender: contender.name, fault, reason: (error as Error).message });
          plan.say(`${index} of ${plan.count}, ${fault}, ${contender.name}: ${(error as Error).message}`);
        }
      }
  return { rounds, troubles };
}

async function play(contender: Contender, fault: FaultName): Promise<Round> {
  await contender.untilReady();
  const writers = await Writers.start(contender.route, contender.account);
  let wound: Wound | undefined;
  try {
    await writers.untilAcknowledged(() => true, FIRST_WRITE_LIMIT_MS);
    await sleep(BEFORE_MS);
    wound = await contender.inflict(fault);
    const { atMs, from } = wound;
    const tookMs = await wound.over;
    if (tookMs === undefined)
      await writers.untilAcknowledged(
        (write) => write.atMs >= atMs && !isSamePlace(write.place, from),
        NEXT_WRITE_LIMIT_MS,
      );
    await sleep(AFTER_MS);
    const times = writers.acknowledged.map((write) => write.atMs);
    const gap = writeGap(times, atMs);
    if (!gap) throw new Error('no write was acknowledged before or after the fault');
    const told = await tellSteps(contender, fault, wound, writers);
    const took = tookMs !== undefined && { tookMs };
    return { contender: contender.name, fault, gapMs: gap.ms, ...told, ...took };
  } finally {
    await writers.stop();
    await wound?.heal();
  }
}

/** A gap that was measured is not lost because nobody tells what it was made of. */
async function tellSteps(
  contender: Contender,
  fault: FaultName,
  wound: Wound,
  writers: Writers,
): Promise<Pick<Round, 'steps' | 'stepsTrouble'>> {
  try {
    return { steps: (await contender.steps?.(fault, wound, writers)) ?? [] };
  } catch (error) {
    return { steps: [], stepsTrouble: (error as Error).message };
  }
}

function describe({ gapMs, tookMs, stepsTrouble }: Round): string {
  const gap = `${gapMs.toFixed(0)} ms without a write${stepsTrouble ? ` (no steps: ${stepsTrouble})` : ''}`;
  return tookMs === undefined ? gap : `over after ${tookMs.toFixed(0)} ms, ${gap}`;
}
