import { describe, expect, it } from 'vitest';
import { formatResults, formatTable, spread } from './measurement.ts';

describe('spread', () => {
  it('gives the lower middle and the worst', () => {
    const [middle, worst] = spread('gap', [40, 10, 30, 20], 'ms');
    expect(middle).toMatchObject({ name: 'gap, p50', value: 20, samples: [40, 10, 30, 20] });
    expect(worst).toMatchObject({ name: 'gap, max', value: 40 });
  });
});

describe('the list of measurements', () => {
  it('aligns numbers to the right and shows what could not be measured', () => {
    const text = formatResults([
      { bench: 'a', measurements: [{ name: 'x', value: 1234.5, unit: 'ms' }], tables: [] },
      {
        bench: 'longer',
        measurements: [{ name: 'y', value: 1.5, unit: 's' }],
        tables: [{ title: 'more', head: ['', 'n'], rows: [['z', '7']], data: null }],
        failure: 'no luck',
      },
    ]);
    expect(text.split('\n')).toEqual([
      'a       x       1235 ms', //
      'longer  y        1.50 s',
      'longer  FAILED           no luck',
      '',
      'more',
      '   n',
      'z  7',
    ]);
  });
});

describe('a table', () => {
  it('aligns numbers to the right and text to the left', () => {
    const rows = [
      ['one', '1', '200', 'first'],
      ['eleven', '11', '–', ''],
    ];
    const table = { title: 'numbers', head: ['', 'a', 'b', 'why'], rows, data: null };
    expect(formatTable(table).split('\n')).toEqual([
      'numbers',
      '         a    b  why',
      'one      1  200  first',
      'eleven  11    –',
    ]);
  });
});
