import { simulationWith } from './load.ts';
import type { Trap } from './traps.ts';

export interface Catch {
  /** The history that noticed it. */
  seed: number;
  invariant: string;
}

/** Runs histories with a deliberate bug until one of them violates an invariant; undefined: none did. */
export async function spring(
  trap: Trap,
  firstSeed: number,
  budget = trap.budget,
): Promise<Catch | undefined> {
  const simulation = await simulationWith(trap);
  for (let seed = firstSeed; seed < firstSeed + budget; seed++) {
    const { violation } = simulation.runHistory(seed, { scope: trap.scope, trap: trap.name });
    if (violation) return { seed, invariant: violation.invariant };
  }
  return undefined;
}
