import { runHistory } from './history.ts';
import { loadWith } from './load.ts';
import { isSourceTrap, type Trap } from './traps.ts';

export interface Catch {
  /** Histories until it was noticed; undefined: it was not. */
  after: number | undefined;
  invariant: string;
}

/** Runs histories with a deliberate bug until one of them breaks an invariant. */
export async function spring(trap: Trap, firstSeed: number, budget = trap.budget): Promise<Catch> {
  const simulation = isSourceTrap(trap) ? await loadWith(trap) : { runHistory };
  const name = isSourceTrap(trap) ? undefined : trap.name;
  for (let n = 0; n < budget; n++) {
    const { violation } = simulation.runHistory(firstSeed + n, { scope: trap.scope, trap: name });
    if (violation) return { after: n + 1, invariant: violation.invariant };
  }
  return { after: undefined, invariant: '' };
}
