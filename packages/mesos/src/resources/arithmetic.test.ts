import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Resource } from '../wire/generated/types.ts';
import { add, contains, equal, subtract } from './arithmetic.ts';
import { ranges, scalar, set } from './build.ts';
import { allocate, reserve } from './reservation.ts';
import { createVolume } from './volume.ts';

const labels = { labels: [{ key: 'cluster', value: 'c1' }] };
const reservation = { type: 'DYNAMIC', role: 'eng', principal: 'cotton', labels } as const;

const amount = fc.integer({ min: 1, max: 10_000_000 }).map((thousandths) => thousandths / 1000);
const plain = fc
  .tuple(fc.constantFrom('cpus', 'mem', 'disk'), amount)
  .map(([name, value]) => scalar(name, value));
const range = fc
  .tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 40 }))
  .map(([begin, length]) => ({ begin, end: begin + length }));
const ports = fc.array(range, { minLength: 1, maxLength: 4 }).map((list) => ranges('ports', list));
const reserved = plain.map((resource) => reserve([resource], reservation)[0] as Resource);
const volume = fc.tuple(amount, fc.uuid()).map(([size, id]) => {
  const disk = reserve([scalar('disk', size)], reservation)[0] as Resource;
  return createVolume(disk, { id, containerPath: 'data' });
});
const scalars = fc.array(fc.oneof(plain, reserved, volume), { maxLength: 8 });
const anything = fc.array(fc.oneof(plain, reserved, volume, ports), { maxLength: 8 });

describe('arithmetic', () => {
  it('a + b − b = a for anything countable', () => {
    fc.assert(fc.property(scalars, scalars, (a, b) => equal(subtract(add(a, b), b), a)));
  });

  it('(a − b) + b = a whenever a contains b', () => {
    fc.assert(
      fc.property(anything, anything, (a, b) => {
        fc.pre(contains(a, b));
        return equal(add(subtract(a, b), b), a);
      }),
    );
  });

  it('a + b contains a and b', () => {
    fc.assert(fc.property(anything, anything, (a, b) => contains(add(a, b), a) && contains(add(a, b), b)));
  });

  it('addition does not care for order or grouping', () => {
    fc.assert(
      fc.property(anything, anything, anything, (a, b, c) => equal(add(a, add(b, c)), add(add(c, a), b))),
    );
  });

  it('contains is antisymmetric: both ways only when equal', () => {
    fc.assert(fc.property(anything, anything, (a, b) => (contains(a, b) && contains(b, a)) === equal(a, b)));
  });

  it('counts in thousandths', () => {
    expect(add([scalar('cpus', 0.1)], [scalar('cpus', 0.2)])).toEqual([scalar('cpus', 0.3)]);
    expect(subtract([scalar('cpus', 1)], [scalar('cpus', 0.9)])).toEqual([scalar('cpus', 0.1)]);
    expect(add([scalar('cpus', 0.0004)])).toEqual([]);
  });

  it('merges, cuts and joins ranges', () => {
    const all = [ranges('ports', [{ begin: 31000, end: 31099 }])];
    const some = [ranges('ports', [{ begin: 31010, end: 31010 }])];
    expect(subtract(all, some)[0]?.ranges?.range).toEqual([
      { begin: 31000, end: 31009 },
      { begin: 31011, end: 31099 },
    ]);
    expect(equal(add(subtract(all, some), some), all)).toBe(true);
    expect(contains(all, [ranges('ports', [{ begin: 31099, end: 31100 }])])).toBe(false);
  });

  it('handles sets', () => {
    const gpus = [set('gpus', ['b', 'a'])];
    expect(subtract(gpus, [set('gpus', ['a'])])).toEqual([set('gpus', ['b'])]);
    expect(contains(gpus, [set('gpus', ['c'])])).toBe(false);
  });

  it('keeps kinds apart', () => {
    const free = [scalar('cpus', 1)];
    for (const other of [
      reserve(free, reservation),
      reserve(free, { ...reservation, principal: 'other' }),
      reserve(free, { ...reservation, labels: { labels: [{ key: 'cluster', value: 'c2' }] } }),
      reserve(free, { ...reservation, role: 'eng/sub' }),
      allocate(free, 'eng'),
    ]) {
      expect(contains(free, other)).toBe(false);
      expect(add(free, other)).toHaveLength(2);
    }
  });

  it('takes labels in any order', () => {
    const two = [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ];
    const forward = reserve([scalar('cpus', 1)], { ...reservation, labels: { labels: two } });
    const backward = reserve([scalar('cpus', 1)], { ...reservation, labels: { labels: two.toReversed() } });
    expect(add(forward, backward)).toHaveLength(1);
  });

  it('takes a volume as a whole or not at all, and only under its own path', () => {
    const disk = reserve([scalar('disk', 100)], reservation)[0] as Resource;
    const data = createVolume(disk, { id: 'v1', containerPath: 'data' });
    expect(contains([data], [{ ...data, scalar: { value: 50 } }])).toBe(false);
    expect(contains([data], [createVolume(disk, { id: 'v1', containerPath: 'elsewhere' })])).toBe(false);
    expect(add([data], [createVolume(disk, { id: 'v2', containerPath: 'data' })])).toHaveLength(2);
    expect(contains([disk], [data])).toBe(false);
  });

  it('refuses to take what is not there', () => {
    expect(() => subtract([scalar('cpus', 1)], [scalar('cpus', 2)])).toThrow(
      'cpus:1 does not contain cpus:2',
    );
    expect(() => add([scalar('cpus', Number.NaN)])).toThrow('not a finite scalar');
  });
});
