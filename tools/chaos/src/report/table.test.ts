import { expect, it } from 'vitest';
import { FAULTS } from '../faults/index.ts';
import type { Result } from './results.ts';
import { formatRemarks, formatTable, quantile } from './table.ts';

const result = (change: Partial<Result>): Result => ({
  ...{
    commit: 'c',
    fault: 'kill-primary',
    index: 0,
    seed: 1,
    nodes: 3,
    ground: 'namespaces',
    at: '',
    acknowledged: 10,
  },
  ...{
    unknown: 0,
    lost: 0,
    doubled: 0,
    violations: [],
    gapMs: 100,
    elections: 1,
    timeline: [],
    roundMs: 1,
    load: 0,
  },
  ...change,
});

it('sums up each fault, in the order of the faults', () => {
  const table = formatTable(
    [
      result({ fault: 'power-loss', gapMs: 4_000 }),
      result({ gapMs: 300 }),
      result({ index: 1, gapMs: 200, lost: 2, violations: ['lost: two', 'sum: wrong'] }),
    ],
    FAULTS,
  );
  const rows = table.split('\n').slice(2);
  expect(rows).toEqual([
    '| kill-primary | 2 | 20 | 2 | 0 | 1 | 200 ms | 300 ms | 300 ms |',
    '| power-loss | 1 | 10 | 0 | 0 | 0 | 4.0 s | 4.0 s | 4.0 s |',
    '| all | 3 | 30 | 2 | 0 | 1 | 300 ms | 4.0 s | 4.0 s |',
  ]);
});

it('tells of rounds in which a step did nothing, and of what is excused', () => {
  const remarks = formatRemarks(
    [
      result({ withoutEffect: ['await new primary 20000'] }),
      result({ index: 1, withoutEffect: [] }),
      result({ fault: 'power-loss', excused: ['stale: 3 reads'] }),
    ],
    FAULTS,
  );
  expect(remarks.split('\n')).toEqual([
    '- kill-primary: a step without effect in 1 of 2 (await new primary)',
    '- power-loss: stale reads after a restore in 1 of 1',
    '- 1 rounds did not look for steps without effect',
  ]);
});

it('takes quantiles that occurred', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([0.5, 0.99, 1].map((share) => quantile(hundred, share))).toEqual([50, 99, 100]);
});
