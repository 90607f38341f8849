import { expect, it } from 'vitest';
import { planOf, runHistory } from './history.ts';
import { runMany } from './run-many.ts';
import { type ScopeName, SCOPES } from './scope.ts';
import { shrink } from './shrink.ts';
import { spring } from './spring.ts';
import { trapNamed } from './traps.ts';

const HISTORIES = 10_000;
const LIMIT_MS = 600_000;
/** Of each scope. */
const STORIES = 20;

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

it.each(Object.keys(SCOPES) as ScopeName[])('the story "%s" violates nothing', (scope) => {
  for (let seed = 1; seed <= STORIES; seed++) {
    const { violation } = runHistory(seed, { scope });
    expect({ seed, violation }).toEqual({ seed, violation: undefined });
  }
});

it('a violation is shown with fewer faults, and they still show it', async () => {
  const trap = trapNamed('errant-not-saved');
  const caught = trap && (await spring(trap, 1));
  if (!caught) throw new Error('the trap was not caught');
  const options = { scope: trap.scope, trap: trap.name };
  const { faults, outcome } = shrink({ planOf, runHistory }, caught.seed, options);
  expect(faults.length).toBeLessThanOrEqual(planOf(caught.seed, SCOPES[trap.scope]).faults.length);
  expect(outcome.violation?.invariant).toBe(caught.invariant);
}, 120_000);
