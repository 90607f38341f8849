import { describe, expect, it } from 'vitest';
import { formatTable, spread } from './measurement.ts';

describe('spread', () => {
  it('gives the lower middle and the worst', () => {
    const [middle, worst] = spread('gap', [40, 10, 30, 20], 'ms');
    expect(middle).toMatchObject({ name: 'gap, p50', value: 20, samples: [40, 10, 30, 20] });
    expect(worst).toMatchObject({ name: 'gap, max', value: 40 });
  });
});

describe('the table', () => {
  it('aligns numbers to the right and shows what could not be measured', () => {
    const text = formatTable([
      { bench: 'a', measurements: [{ name: 'x', value: 1234.5, unit: 'ms' }] },
      { bench: 'longer', measurements: [{ name: 'y', value: 1.5, unit: 's' }], failure: 'no luck' },
    ]);
    expect(text.split('\n')).toEqual([
      'a       x       1235 ms', //
      'longer  y        1.50 s',
      'longer  FAILED           no luck',
    ]);
  });
});
