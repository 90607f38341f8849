import { describe, expect, it } from 'vitest';
import { runStages, type StageResult } from './run-stages.ts';
import type { Stage } from './stages.ts';
import { summary } from './summary.ts';
import type { Tally } from './tally.ts';

const tally = (passed: number, failed: string[] = [], skipped: Tally['skipped'] = []): Tally => ({
  passed,
  failed,
  skipped,
  unsteady: [],
});

describe('summary', () => {
  it('ends with the plain count', () => {
    const results: StageResult[] = [
      { name: 'unit', seconds: 1.23, tally: tally(10) },
      { name: 'e2e', seconds: 20, tally: tally(2, ['story > breaks']) },
    ];
    expect(summary(results).split('\n').at(-1)).toBe('12 passed, 1 failed');
  });

  it('lists skipped tests with their reason and counts them apart', () => {
    const text = summary([
      { name: 'e2e', seconds: 2, tally: tally(1, [], [{ name: 'mini', reason: 'no docker' }]) },
    ]);
    expect(text).toContain('mini (no docker)');
    expect(text.split('\n').at(-1)).toBe('1 passed, 0 failed, 1 skipped');
  });
});

describe('summary of a tier that was run again', () => {
  it('names what passed only then', () => {
    const text = summary([
      { name: 'e2e', seconds: 2, tally: { ...tally(3), unsteady: ['a.test.ts > story'] } },
    ]);
    expect(text).toContain('Failed first, passed when their file was run again:\n  a.test.ts > story');
    expect(text.split('\n').at(-1)).toBe('3 passed, 0 failed');
  });
});

describe('runStages', () => {
  const stage = (name: string, isNeededByTheRest: boolean, result: Tally): Stage => ({
    name,
    isNeededByTheRest,
    run: async () => result,
  });

  it('goes on after a failure that the rest does not need', async () => {
    const results = await runStages(
      [stage('lint', false, tally(0, ['lint'])), stage('unit', false, tally(3))],
      NEVER,
      quiet,
    );
    expect(results.map((result) => result.tally.passed)).toEqual([0, 3]);
  });

  it('counts every stage behind a failed set-up as failed, not as passed', async () => {
    const results = await runStages(
      [stage('set-up', true, tally(0, ['no net'])), stage('unit', false, tally(3))],
      NEVER,
      quiet,
    );
    expect(results[1]).toMatchObject({
      seconds: undefined,
      tally: { passed: 0, failed: ['unit: not run, set-up failed'] },
    });
  });

  it('counts a stage that throws as failed', async () => {
    const broken: Stage = { ...stage('unit', false, tally(1)), run: () => Promise.reject(new Error('boom')) };
    const [result] = await runStages([broken], NEVER, quiet);
    expect(result?.tally.failed[0]).toContain('boom');
  });

  it('runs nothing more once interrupted', async () => {
    const interruption = new AbortController();
    const first: Stage = {
      ...stage('unit', false, tally(1)),
      run: async () => (interruption.abort(), tally(1)),
    };
    const results = await runStages([first, stage('e2e', false, tally(5))], interruption.signal, quiet);
    expect(results[1]?.seconds).toBeUndefined();
  });
});

const NEVER = new AbortController().signal;
const quiet = () => undefined;
