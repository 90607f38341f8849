import { describe, expect, it } from 'vitest';
import { spring } from './spring.ts';
import { TRAPS } from './traps.ts';

const LIMIT_MS = 300_000;

describe('a simulation that bites', () => {
  it('has many deliberate bugs to notice, each under a name of its own', () => {
    expect(TRAPS.length).toBeGreaterThanOrEqual(25);
    expect(new Set(TRAPS.map(({ name }) => name)).size).toBe(TRAPS.length);
  });

  it.each(TRAPS.map((trap) => [trap.name, trap] as const))(
    'notices %s',
    async (_name, trap) => {
      const { invariant } = await spring(trap, 1, trap.budget);
      expect(invariant, trap.breaks).toBeTruthy();
    },
    LIMIT_MS,
  );
});
