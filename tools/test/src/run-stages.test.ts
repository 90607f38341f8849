import { describe, expect, it } from 'vitest';
import { runStages } from './run-stages.ts';
import { type Stage, stepsFor } from './stages.ts';
import { failures, type Tally } from './tally.ts';

const NEVER = new AbortController().signal;
const quiet = () => undefined;
const passes = (passed: number): Tally => ({ ...failures([]), passed });
const stage = (name: string, isNeededByTheRest: boolean, tally: Tally): Stage => ({
  name,
  isNeededByTheRest,
  run: async () => tally,
});

describe('runStages', () => {
  it('goes on after a failure that the rest does not need', async () => {
    const steps = [[stage('lint', false, failures(['lint']))], [stage('unit', false, passes(3))]];
    const results = await runStages(steps, NEVER, quiet);
    expect(results.map((result) => result.tally.passed)).toEqual([0, 3]);
  });

  it('counts every stage behind a failed set-up as failed, not as passed', async () => {
    const steps = [[stage('set-up', true, failures(['no net']))], [stage('unit', false, passes(3))]];
    const results = await runStages(steps, NEVER, quiet);
    expect(results[1]).toMatchObject({
      seconds: undefined,
      tally: { passed: 0, failed: ['unit: not run, set-up failed'] },
    });
  });

  it('counts a stage that throws as failed', async () => {
    const broken: Stage = {
      ...stage('unit', false, passes(1)),
      run: () => Promise.reject(new Error('boom')),
    };
    const [result] = await runStages([[broken]], NEVER, quiet);
    expect(result?.tally.failed[0]).toContain('boom');
  });

  it('runs nothing more once interrupted', async () => {
    const interruption = new AbortController();
    const first: Stage = {
      ...stage('unit', false, passes(1)),
      run: async () => (interruption.abort(), passes(1)),
    };
    const results = await runStages([[first], [stage('e2e', false, passes(5))]], interruption.signal, quiet);
    expect(results[1]?.seconds).toBeUndefined();
  });

  it('runs the stages of one step at the same time, announces them together and answers in their order', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waits: Stage = { ...stage('set-up', true, passes(1)), run: () => promise.then(() => passes(1)) };
    const frees: Stage = { ...stage('build', true, passes(2)), run: async () => (resolve(), passes(2)) };
    const said: string[] = [];
    const results = await runStages([[waits, frees]], NEVER, (names) => said.push(names));
    expect(results.map(({ name, tally }) => [name, tally.passed])).toEqual([
      ['set-up', 1],
      ['build', 2],
    ]);
    expect(said).toEqual(['set-up and build']);
  });

  it('lets a step come to its end, and names what failed in it to the rest', async () => {
    const steps = [
      [stage('set-up', true, passes(0)), stage('build', true, failures(['no bundle']))],
      [stage('unit', false, passes(3))],
    ];
    const results = await runStages(steps, NEVER, quiet);
    expect(results.map(({ tally }) => tally.failed)).toEqual([
      [],
      ['no bundle'],
      ['unit: not run, build failed'],
    ]);
  });
});

describe('stepsFor', () => {
  const names = (steps: Stage[][]): string[][] => steps.map((stages) => stages.map(({ name }) => name));

  it('builds while it sets up, and never starts Nx twice at once', () => {
    expect(names(stepsFor([]))).toEqual([
      ['set-up', 'build'],
      ['lint'],
      ['unit'],
      ['integration'],
      ['contract'],
      ['e2e'],
    ]);
  });

  it('leaves out what the tiers asked for do not stand on', () => {
    expect(names(stepsFor(['unit']))).toEqual([['unit']]);
    expect(names(stepsFor(['contract', 'e2e']))).toEqual([['set-up', 'build'], ['contract'], ['e2e']]);
  });
});
