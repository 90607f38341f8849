import { describe, expect, it } from 'vitest';
import { filesToRunAgain, withSecondRun } from './second-run.ts';
import type { Tally } from './tally.ts';

const tally = (passed: number, failed: string[]): Tally => ({ passed, failed, skipped: [], unsteady: [] });

describe('filesToRunAgain', () => {
  it('names each file once', () => {
    const failed = ['a/b.test.ts > x > y', 'a/b.test.ts > x > z', 'c.test.ts: cannot load'];
    expect(filesToRunAgain(tally(3, failed))).toEqual(['a/b.test.ts', 'c.test.ts']);
  });

  it.each([
    ['nothing failed', []],
    ['something failed that is in no file', ['a.test.ts > x', 'unhandled error: loose end']],
    ['chaos found something', ['a.test.ts > x', 'tools/chaos/test/chaos.test.ts > finds nothing lost']],
  ])('is empty when %s', (_, failed) => {
    expect(filesToRunAgain(tally(1, failed))).toEqual([]);
  });
});

describe('withSecondRun', () => {
  it('names what passed only then', () => {
    const first = tally(7, ['a.test.ts > x', 'a.test.ts > y']);
    expect(withSecondRun(first, tally(4, ['a.test.ts > y']))).toEqual({
      passed: 8,
      failed: ['a.test.ts > y'],
      skipped: [],
      unsteady: ['a.test.ts > x'],
    });
  });

  it('counts what failed only then as failed', () => {
    const merged = withSecondRun(tally(7, ['a.test.ts > x']), tally(2, ['a.test.ts > y']));
    expect(merged).toMatchObject({ passed: 7, failed: ['a.test.ts > y'] });
  });

  it('does not count a file that would not load as a test', () => {
    expect(withSecondRun(tally(7, ['a.test.ts: cannot load']), tally(3, []))).toMatchObject({ passed: 7 });
  });
});
