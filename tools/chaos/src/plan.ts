/** Which rounds there are to play. */
import { Dice } from './dice.ts';
import type { Fault, Need } from './faults/fault.ts';
import type { Result } from './report/results.ts';

export interface PlannedRound {
  fault: Fault;
  /** Counts the rounds of this fault. */
  index: number;
}

/**
 * Each fault `each` times without what `done` has already. Faults take turns, in an order of chance, so that a run that
 * is cut short has seen all of them.
 */
export function planRounds(
  faults: readonly Fault[],
  each: number,
  seed: number,
  done: readonly Pick<Result, 'fault' | 'index'>[],
): PlannedRound[] {
  const played = new Set(done.map(({ fault, index }) => `${fault} ${index}`));
  const turns = Array.from({ length: each }, (_, index) =>
    new Dice(`${seed} turn ${index}`).shuffle(faults).map((fault) => ({ fault, index })),
  );
  return turns.flat().filter(({ fault, index }) => !played.has(`${fault.name} ${index}`));
}

/** What the ground offers decides which faults can be played. */
export function splitByNeeds(
  faults: readonly Fault[],
  offered: ReadonlySet<Need>,
): { playable: Fault[]; missing: { fault: Fault; need: Need }[] } {
  const missing = faults.flatMap((fault) => {
    const need = fault.needs?.find((one) => !offered.has(one));
    return need === undefined ? [] : [{ fault, need }];
  });
  const playable = faults.filter((fault) => !missing.some((one) => one.fault === fault));
  return { playable, missing };
}
