import { describe, expect, it } from 'vitest';
import { runHistory } from './history.ts';
import { spring } from './spring.ts';
import { TRAPS } from './traps.ts';

const FIRST_SEED = 1;
const LIMIT_MS = 300_000;

describe('a deliberate bug is noticed', () => {
  it.each(TRAPS.map((trap) => [trap.name, trap] as const))(
    '%s',
    async (_, trap) => {
      const caught = await spring(trap, FIRST_SEED);
      if (!caught) throw new Error(`unnoticed in ${trap.budget} histories: ${trap.breaks}`);
      // It is the bug that was noticed: without it the same history violates nothing.
      expect(runHistory(caught.seed, { scope: trap.scope }).violation).toBeUndefined();
    },
    LIMIT_MS,
  );

  it('and there are enough of them', () => {
    expect(new Set(TRAPS.map((trap) => trap.name)).size).toBe(TRAPS.length);
    expect(TRAPS.length).toBeGreaterThanOrEqual(25);
  });
});
