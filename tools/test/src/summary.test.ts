import { describe, expect, it } from 'vitest';
import type { StageResult } from './run-stages.ts';
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
