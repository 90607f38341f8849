import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  containsGtidSet,
  countTransactions,
  formatGtidSet,
  GtidError,
  parseGtidSet,
  subtractGtidSets,
  unionGtidSets,
} from './gtid.ts';

const A = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const B = '4d8b564f-03f4-4975-856a-0e65c3105328';

const gtidSet = fc
  .array(
    fc.tuple(fc.constantFrom(A, B, `${A}:tag`, `${B}:other_1`), fc.integer({ min: 1, max: 40 }), fc.nat(6)),
    { maxLength: 12 },
  )
  .map((parts) =>
    unionGtidSets(...parts.map(([key, first, more]) => parseGtidSet(`${key}:${first}-${first + more}`))),
  );

describe('GTID sets', () => {
  it('prints what MySQL prints: sorted, merged, tags behind the untagged intervals', () => {
    expect(formatGtidSet(parseGtidSet(`${B}:9, ${A.toUpperCase()}:3-5:1-2:7:tag:4:1-3`))).toBe(
      `${A}:1-5:7:tag:1-4,${B}:9`,
    );
    expect(formatGtidSet(parseGtidSet(''))).toBe('');
  });

  it.each([
    'x',
    A,
    `${A}:`,
    `${A}:0`,
    `${A}:5-3`,
    `${A}:1,${A}`,
    `${A}:Bad-Tag:1`,
    `${A}:9999999999999999999`,
  ])('refuses %s', (text) => expect(() => parseGtidSet(text)).toThrow(GtidError));

  it('tells tagged from untagged transactions', () => {
    expect(containsGtidSet(parseGtidSet(`${A}:1-9`), parseGtidSet(`${A}:tag:1`))).toBe(false);
    expect(formatGtidSet(subtractGtidSets(parseGtidSet(`${A}:1-9`), parseGtidSet(`${A}:4-5`)))).toBe(
      `${A}:1-3:6-9`,
    );
  });

  it('obeys the laws of sets', () => {
    fc.assert(
      fc.property(gtidSet, gtidSet, (a, b) => {
        const union = unionGtidSets(a, b);
        const onlyA = subtractGtidSets(a, b);
        expect(formatGtidSet(parseGtidSet(formatGtidSet(a)))).toBe(formatGtidSet(a));
        expect(containsGtidSet(union, a) && containsGtidSet(union, b)).toBe(true);
        expect(formatGtidSet(unionGtidSets(onlyA, b))).toBe(formatGtidSet(union));
        expect(countTransactions(union)).toBe(countTransactions(onlyA) + countTransactions(b));
        expect(containsGtidSet(a, b)).toBe(formatGtidSet(union) === formatGtidSet(a));
      }),
    );
  });
});
