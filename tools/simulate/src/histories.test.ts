import { expect, it } from 'vitest';
import { planOf, runHistory } from './history.ts';
import { runMany } from './run-many.ts';
import { shrink } from './shrink.ts';

const HISTORIES = 10_000;
const LIMIT_MS = 600_000;

it(
  `${HISTORIES} histories violate nothing`,
  async () => {
    const { histories, acknowledged, failures } = await runMany({ seed: 1, histories: HISTORIES });
    expect(failures).toEqual([]);
    expect(histories).toBe(HISTORIES);
    // A simulation in which nothing is ever written would violate nothing either.
    expect(acknowledged).toBeGreaterThan(10 * HISTORIES);
  },
  LIMIT_MS,
);

it('the same seed is the same history', () => {
  const [one, two] = [7, 7].map((seed) => runHistory(seed, { isTraced: true }).trace);
  expect(one).toEqual(two);
});

it('a violation is shown with fewer faults, and they still show it', () => {
  const trap = 'errant-not-saved';
  const seed = Array.from({ length: 500 }, (_, at) => at + 1).find((s) => runHistory(s, { trap }).violation);
  if (seed === undefined) throw new Error(`the trap ${trap} was not caught`);
  const { faults, outcome } = shrink(seed, { trap });
  expect(faults.length).toBeLessThanOrEqual(planOf(seed).faults.length);
  expect(outcome.violation?.invariant).toBe(runHistory(seed, { trap }).violation?.invariant);
}, 120_000);
