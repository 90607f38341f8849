import { describe, expect, it } from 'vitest';
import type { OfferOperation, Resource } from '../wire/generated/types.ts';
import { add, equal } from './arithmetic.ts';
import { ranges, scalar } from './build.ts';
import { formatResource, formatResources } from './format.ts';
import { applyOperation, type OperationResult } from './operation.ts';
import { pick } from './pick.ts';
import { flatten, labelsOf, numbersIn, quantities, sumOf, unreserved, withLabels } from './query.ts';
import {
  allocate,
  isDynamicallyReserved,
  refine,
  reservationRole,
  reserve,
  unallocate,
  unrefine,
} from './reservation.ts';
import { createVolume } from './volume.ts';

const labels = {
  labels: [
    { key: 'cluster', value: 'c1' },
    { key: 'instance', value: '0' },
  ],
};
const reservation = { type: 'DYNAMIC', role: 'eng', principal: 'cotton', labels } as const;
const agent = allocate(
  [
    scalar('cpus', 4),
    scalar('mem', 4096),
    scalar('disk', 10_000),
    ranges('ports', [{ begin: 31000, end: 31099 }]),
  ],
  'eng',
);
const ours = reserve(
  pick(agent, { scalars: { cpus: 1, mem: 512, disk: 100 }, ports: 2 }) as Resource[],
  reservation,
);
const disk = ours.find(({ name }) => name === 'disk') as Resource;
const volume = createVolume(disk, { id: 'v1', containerPath: 'data', principal: 'cotton' });

const reserveOurs: OfferOperation = { type: 'RESERVE', reserve: { resources: ours } };
const createOurs: OfferOperation = { type: 'CREATE', create: { volumes: [volume] } };
const destroyOurs: OfferOperation = { type: 'DESTROY', destroy: { volumes: [volume] } };
const unreserveOurs: OfferOperation = { type: 'UNRESERVE', unreserve: { resources: ours } };

function apply(resources: Resource[], ...operations: OfferOperation[]): Resource[] {
  return operations.reduce(
    (current, operation) => resourcesOf(applyOperation(current, operation)),
    resources,
  );
}

function resourcesOf(result: OperationResult): Resource[] {
  if (!result.ok) throw new Error(result.reason);
  return result.resources;
}

describe('operations', () => {
  it('reserve and create, then destroy and unreserve, and nothing is lost on the way', () => {
    const used = apply(agent, reserveOurs, createOurs);
    expect(withLabels(used, { cluster: 'c1' })).toHaveLength(4);
    expect(quantities(used)).toEqual(quantities(agent));
    expect(equal(apply(used, destroyOurs, unreserveOurs), agent)).toBe(true);
  });

  it('unreserve of a volume that still exists fails', () => {
    const used = apply(agent, reserveOurs, createOurs);
    const result = applyOperation(used, unreserveOurs);
    expect(result).toMatchObject({ ok: false });
    expect(applyOperation(used, { type: 'UNRESERVE', unreserve: { resources: [volume] } })).toMatchObject({
      ok: false,
    });
  });

  it('a bad operation says what was missing, in the words of Mesos', () => {
    const greedy = reserve(allocate([scalar('cpus', 400)], 'eng'), reservation);
    expect(applyOperation(agent, { type: 'RESERVE', reserve: { resources: greedy } })).toEqual({
      ok: false,
      reason:
        'cpus(allocated: eng):4; mem(allocated: eng):4096; disk(allocated: eng):10000; ' +
        'ports(allocated: eng):[31000-31099] does not contain cpus(allocated: eng):400',
    });
    expect(applyOperation(agent, {})).toMatchObject({ ok: false });
    expect(applyOperation(agent, { type: 'LAUNCH' })).toMatchObject({ ok: false });
  });

  it('an explicit source is what a reservation consumes', () => {
    const other = reserve(ours, { type: 'DYNAMIC', role: 'eng/sub', principal: 'cotton' });
    const refined = apply(apply(agent, reserveOurs), {
      type: 'RESERVE',
      reserve: { source: ours, resources: other },
    });
    expect(refined.filter((one) => reservationRole(one) === 'eng/sub')).toHaveLength(4);
  });

  it('grows and shrinks a volume', () => {
    const used = apply(agent, { type: 'RESERVE', reserve: { resources: ours } }, createOurs);
    const addition = { ...disk, scalar: { value: 50 } };
    const more = apply(used, { type: 'RESERVE', reserve: { resources: [addition] } });
    const grown = apply(more, { type: 'GROW_VOLUME', growVolume: { volume, addition } });
    expect(grown.find((one) => one.disk)?.scalar?.value).toBe(150);
    const big = { ...volume, scalar: { value: 150 } };
    const shrunk = apply(grown, {
      type: 'SHRINK_VOLUME',
      shrinkVolume: { volume: big, subtract: { value: 50 } },
    });
    expect(equal(shrunk, more)).toBe(true);
  });

  it('a MOUNT disk keeps its source through create and destroy', () => {
    const mount: Resource = {
      ...(reserve([scalar('disk', 500)], reservation)[0] as Resource),
      disk: { source: { type: 'MOUNT', mount: { root: '/mnt/a' } } },
    };
    const made = createVolume(mount, { id: 'v2', containerPath: 'data' });
    expect(formatResource(made)).toContain('[MOUNT:/mnt/a,v2:data]:500');
    const used = apply([mount], { type: 'CREATE', create: { volumes: [made] } });
    expect(used).toEqual([made]);
    expect(apply(used, { type: 'DESTROY', destroy: { volumes: [made] } })).toEqual([mount]);
  });
});

describe('reservations', () => {
  it('translates between the forms before and after refinement', () => {
    const legacy: Resource = {
      ...scalar('cpus', 1),
      role: 'eng',
      reservation: { principal: 'cotton', labels },
    };
    const refined = refine(legacy);
    expect(refined).toEqual({ ...scalar('cpus', 1), reservations: [reservation] });
    expect(unrefine(refined)).toEqual(legacy);
    expect(refine({ ...scalar('cpus', 1), role: '*' })).toEqual(scalar('cpus', 1));
    expect(unrefine(scalar('cpus', 1))).toEqual({ ...scalar('cpus', 1), role: '*' });
    const fixed: Resource = { ...scalar('cpus', 1), role: 'eng' };
    expect(isDynamicallyReserved(refine(fixed))).toBe(false);
    expect(unrefine(refine(fixed))).toEqual(fixed);
    expect(unrefine(reserve([refined], { type: 'DYNAMIC', role: 'eng/a' })[0] as Resource)).toBeUndefined();
  });

  it('allocation comes and goes', () => {
    expect(unallocate(allocate(ours, 'eng'))[0]).not.toHaveProperty('allocationInfo');
  });
});

describe('questions', () => {
  it('picks from what suits, or nothing', () => {
    expect(numbersIn(ours)).toEqual([31000, 31001]);
    expect(sumOf(ours, 'mem')).toBe(512);
    expect(pick(agent, { scalars: { cpus: 5 } })).toBeUndefined();
    expect(pick(agent, { scalars: {}, ports: 101 })).toBeUndefined();
    expect(pick([volume], { scalars: { disk: 1 } })).toBeUndefined();
    expect(() => numbersIn([ranges('ports', [{ begin: 0, end: 2 ** 40 }])])).toThrow('holds');
  });

  it('sums over kinds and filters by label', () => {
    const used = apply(agent, reserveOurs, createOurs);
    expect(flatten(used)).toHaveLength(4);
    expect(sumOf(used, 'disk')).toBe(10_000);
    expect(labelsOf(volume)).toEqual({ cluster: 'c1', instance: '0' });
    expect(withLabels(used, { cluster: 'c1', instance: '1' })).toEqual([]);
    expect(unreserved(used)).toHaveLength(4);
  });
});

describe('printing', () => {
  it('is how Mesos prints', () => {
    expect(formatResource(allocate([volume], 'eng')[0] as Resource)).toBe(
      'disk(allocated: eng)(reservations: [(DYNAMIC,eng,cotton,{cluster: c1, instance: 0})])[v1:data]:100',
    );
    expect(formatResources([])).toBe('{}');
    expect(formatResources(add([scalar('cpus', 0.5)], [scalar('mem', 64)]))).toBe('cpus:0.5; mem:64');
    expect(formatResource({ ...scalar('cpus', 1), revocable: {} })).toBe('cpus{REV}:1');
  });
});
