import type { HistoryOptions, Outcome } from './history.ts';
import { planOf, runHistory } from './history.ts';
import type { Fault } from './plan.ts';

/** The same violation with as few faults as can be found by leaving them out one after another. */
export function shrink(seed: number, options: HistoryOptions = {}): { faults: Fault[]; outcome: Outcome } {
  let faults = planOf(seed).faults;
  let outcome = runHistory(seed, options);
  const { violation } = outcome;
  for (let at = faults.length - 1; violation && at >= 0; at--) {
    const fewer = faults.filter((_, index) => index !== at);
    const tried = runHistory(seed, { ...options, faults: fewer });
    if (tried.violation?.invariant !== violation.invariant) continue;
    faults = fewer;
    outcome = tried;
  }
  return { faults, outcome: runHistory(seed, { ...options, faults, isTraced: true }) ?? outcome };
}
