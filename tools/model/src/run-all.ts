import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CCompiler, Progress } from '@cotton/setup';
import { type Checkers, makeCheckers } from './checker.ts';
import { INVARIANTS, WITNESS } from './invariants.ts';
import type { Scope } from './scopes.ts';
import { type Found, search } from './search.ts';
import { type Rule, TRAPS, WITH_OLD_CONTROL } from './traps.ts';

/** One line of the result. */
export interface Outcome {
  name: string;
  about: string;
  states: number;
  seconds: number;
  result: string;
  isGood: boolean;
  /** Of a history that went wrong. */
  story: string[];
}

/** As many as there are cores on the machine this is meant to be quick on. */
const AT_ONCE = 2;

/** Makes the checkers for `work`, and removes them afterwards. */
export async function withCheckers<T>(
  options: { deep: boolean; compiler?: CCompiler },
  progress: Progress,
  work: (checkers: Checkers) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'cotton-model-'));
  try {
    return await work(await makeCheckers(dir, options, progress));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Good: all histories were looked at, none goes wrong, and some come to where everything has happened. */
export async function checkScope({ usual }: Checkers, scope: Scope): Promise<Outcome> {
  const { name, about, settings, deep = false } = scope;
  const whole = await search({ checker: usual, settings, broken: 0, deep });
  const outcome = outcomeOf(name, about, whole);
  if (whole.answer.kind !== 'exhausted') return outcome;
  const { answer } = await search({ checker: usual, settings, broken: WITNESS.number, deep });
  const isAlive = answer.kind === 'violated' && answer.what === WITNESS.name;
  return { ...outcome, isGood: isAlive, result: isAlive ? 'holds' : 'HOLDS IDLY: it never comes to its end' };
}

/** Good: without the rule some history goes wrong. */
export async function checkTrap(checkers: Checkers, rule: Rule): Promise<Outcome> {
  const settings = TRAPS[rule.name];
  if (!settings) throw new Error(`there is no trap for the rule ${rule.name}`);
  const checker = WITH_OLD_CONTROL.includes(rule.name) ? checkers.withOldControl : checkers.usual;
  const found = await search({ checker, settings, broken: rule.number });
  const outcome = outcomeOf(rule.name, rule.about, found);
  const isCaught = found.answer.kind === 'violated' && found.answer.what in INVARIANTS;
  if (isCaught) return { ...outcome, isGood: true };
  return { ...outcome, isGood: false, result: `NOT CAUGHT: ${outcome.result}` };
}

function outcomeOf(name: string, about: string, { answer, seconds, story }: Found): Outcome {
  const { kind, states } = answer;
  const result =
    kind === 'exhausted'
      ? 'holds'
      : kind === 'violated'
        ? (INVARIANTS[answer.what] ?? answer.what)
        : `UNFINISHED: ${answer.why}`;
  return { name, about, states, seconds, story, result, isGood: kind === 'exhausted' };
}

/** Some at once, in order; tells each outcome as it comes. */
export async function runAll(
  works: (() => Promise<Outcome>)[],
  tell: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const queue = works.entries();
  const worker = async (): Promise<void> => {
    for (const [at, work] of queue) {
      const outcome = await work();
      outcomes[at] = outcome;
      tell(outcome);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return outcomes;
}
