import type { HistoryOptions, Outcome } from './history.ts';
import type { Simulation } from './load.ts';
import type { Fault } from './plan.ts';
import { SCOPES } from './scope.ts';

/** The same violation with as few faults as can be found by leaving them out one after another. */
export function shrink(
  { planOf, runHistory }: Simulation,
  seed: number,
  options: HistoryOptions = {},
): { faults: Fault[]; outcome: Outcome } {
  let { faults } = planOf(seed, SCOPES[options.scope ?? 'all']);
  const { violation } = runHistory(seed, options);
  for (let at = faults.length - 1; violation && at >= 0; at--) {
    const fewer = faults.filter((_, index) => index !== at);
    const tried = runHistory(seed, { ...options, faults: fewer });
    if (tried.violation?.invariant === violation.invariant) faults = fewer;
  }
  return { faults, outcome: runHistory(seed, { ...options, faults, isTraced: true }) };
}
