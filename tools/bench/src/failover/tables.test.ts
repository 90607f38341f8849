import { describe, expect, it } from 'vitest';
import { gapTable, stepTables, takeoverTables } from './tables.ts';
import type { Round } from './rounds.ts';

function round(contender: string, fault: Round['fault'], gapMs: number, more: Partial<Round> = {}): Round {
  return { contender, fault, gapMs, steps: [], ...more };
}

describe('the table of gaps', () => {
  it('puts each rival beside Cotton, fault by fault', () => {
    const { rows } = gapTable([
      round('Cotton', 'switchover', 100),
      round('Cotton', 'kill', 200),
      round('Group', 'kill', 4_000),
      round('Cotton', 'kill', 400),
      round('Group', 'kill', 6_000),
    ]);
    expect(rows.map((row) => row.slice(1))).toEqual([
      ['Cotton', '2', '200', '400', '200', '400', ''],
      ['Group', '2', '4000', '6000', '4000', '6000', '20.0× (15.0×–20.0×)'],
      ['Cotton', '1', '100', '100', '100', '100', ''],
    ]);
  });
});

describe('the table of takeovers', () => {
  it('is there only when one was played', () => {
    expect(takeoverTables([round('Cotton', 'kill', 1)])).toEqual([]);
    const [table] = takeoverTables([round('Cotton', 'takeover', 3, { tookMs: 6_100 })]);
    expect(table?.rows).toEqual([['Cotton', '1', '6100', '6100', '6100', '6100']]);
  });
});

describe('the tables of steps', () => {
  it('have a column for each fault that tells of its steps', () => {
    const [failovers, ...rest] = stepTables([
      round('Cotton', 'kill', 0, { steps: [{ step: 'detect', ms: 4 }] }),
      round('Cotton', 'kill', 0, { steps: [{ step: 'detect', ms: 8 }] }),
      round('Cotton', 'host', 0, { steps: [{ step: 'depose', ms: 6_500 }] }),
      round('Group', 'kill', 0),
    ]);
    expect(rest).toEqual([]);
    expect(failovers?.head).toEqual(['', 'kill', 'max', 'host', 'max', 'ends when']);
    expect(failovers?.rows.slice(0, 2).map((row) => row.slice(0, 5))).toEqual([
      ['detect', '4.00', '8.00', '–', '–'],
      ['depose', '–', '–', '6500', '6500'],
    ]);
  });
});
