import { describe, expect, it } from 'vitest';
import { Dice } from './dice.ts';
import { faultNamed, FAULTS } from './faults/index.ts';
import { planRounds, splitByNeeds } from './plan.ts';

const NAMES = ['kill-primary', 'power-loss', 'split'];
const SOME = FAULTS.filter(({ name }) => NAMES.includes(name));

describe('planRounds', () => {
  it('lets faults take turns, each as often as asked', () => {
    const rounds = planRounds(SOME, 3, 7, []);
    expect(rounds).toHaveLength(9);
    for (const turn of [0, 1, 2])
      expect(new Set(rounds.slice(turn * 3, turn * 3 + 3).map(({ fault }) => fault.name))).toEqual(
        new Set(NAMES),
      );
  });

  it('plays the same for the same seed', () => {
    expect(planRounds(FAULTS, 2, 5, [])).toEqual(planRounds(FAULTS, 2, 5, []));
    expect(planRounds(FAULTS, 2, 6, [])).not.toEqual(planRounds(FAULTS, 2, 5, []));
  });

  it('leaves out what was played, and keeps the order of the rest', () => {
    const all = planRounds(SOME, 2, 1, []);
    const done = all.slice(0, 4).map(({ fault, index }) => ({ fault: fault.name, index }));
    expect(planRounds(SOME, 2, 1, done)).toEqual(all.slice(4));
  });
});

describe('splitByNeeds', () => {
  it('names what is missing', () => {
    const { playable, missing } = splitByNeeds(SOME, new Set());
    expect(playable.map(({ name }) => name)).toEqual(['kill-primary', 'power-loss']);
    expect(missing.map(({ fault, need }) => `${fault.name}: ${need}`)).toEqual(['split: namespaces']);
  });
});

describe('the faults', () => {
  it('have names of their own', () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
  });

  it.each(FAULTS.map((fault) => [fault.name, fault] as const))(
    '%s: the same seed gives the same steps',
    (name, fault) => {
      const steps = (seed: number) => fault.steps(new Dice(`${seed} ${name}`));
      expect(steps(1).length).toBeGreaterThan(0);
      expect(steps(1)).toEqual(steps(1));
    },
  );

  it.each(['combined', 'combined-network'])('%s holds none that may lose writes', (name) => {
    const steps = Array.from(
      { length: 500 },
      (_, seed) => faultNamed(name)?.steps(new Dice(`${seed}`)) ?? [],
    );
    const signals = steps.flat().filter((step) => step.do === 'signal');
    expect(signals.length).toBeGreaterThan(100);
    expect(signals.filter(({ signal }) => signal === 'SIGTERM')).toEqual([]);
  });
});
