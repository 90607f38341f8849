import { beforeEach, describe, expect, it } from 'vitest';
import { parseResources } from '../resources/parse.ts';
import type { Resource } from '../resources/types.ts';
import { Allocator, type FrameworkOptions } from './allocator.ts';

const TOTAL = parseResources('cpus:4;mem:4096;disk:10000;ports:[31000-31099]');
let now = 0;
let allocator: Allocator;

const options = (roles = ['eng'], more: Partial<FrameworkOptions> = {}): FrameworkOptions => ({
  roles,
  suppressed: new Set(),
  minAllocatable: new Map(),
  ...more,
});

beforeEach(() => {
  now = 0;
  allocator = new Allocator(1000, [{ cpus: 10 }, { mem: 32_000 }], () => now);
  allocator.addFramework('f1', options(), true);
  allocator.addAgent('a1', TOTAL, new Map());
});

const offered = (resources: Resource[]) => resources.map(({ name }) => name);
const one = () => {
  const [allocation] = allocator.allocate();
  return allocation!;
};

it('gives all of an agent to one framework, ranges first', () => {
  const { frameworkId, role, resources } = one();
  expect([frameworkId, role, offered(resources)]).toEqual(['f1', 'eng', ['ports', 'cpus', 'mem', 'disk']]);
  expect(allocator.allocate()).toEqual([]);
});

describe('filters', () => {
  it.each([
    [0, 1000, true],
    [0.01, 1000, true],
    [0.01, 999, false],
    [2, 1999, false],
    [2, 2000, true],
    [-1, 4999, false],
    [-1, 5000, true],
  ])('refuse_seconds %d is over after %d ms: %s', (seconds, atMs, again) => {
    allocator.recover('f1', 'a1', one().resources, seconds);
    now = atMs;
    expect(allocator.allocate().length > 0).toBe(again);
  });

  it('refuse only subsets of what was declined', () => {
    const { resources } = one();
    const cpu = resources.filter(({ name }) => name === 'cpus').map((r) => ({ ...r, scalar: { value: 1 } }));
    const rest = resources.map((r) => (r.name === 'cpus' ? { ...r, scalar: { value: 3 } } : r));
    allocator.recover('f1', 'a1', rest, 3600);
    expect(allocator.allocate()).toEqual([]);
    allocator.recover('f1', 'a1', cpu);
    expect(one().resources.find(({ name }) => name === 'cpus')!.scalar!.value).toBe(4);
  });

  it('end with REVIVE and with a lost stream', () => {
    allocator.recover('f1', 'a1', one().resources, 3600);
    allocator.revive('f1', ['eng']);
    allocator.recover('f1', 'a1', one().resources, 3600);
    allocator.deactivate('f1');
    expect(allocator.allocate()).toEqual([]);
    allocator.activate('f1');
    expect(allocator.allocate()).toHaveLength(1);
  });
});

it('serves whoever had fewer turns, at equal shares', () => {
  allocator.recover('f1', 'a1', one().resources);
  allocator.addFramework('f2', options(), true);
  expect(one().frameworkId).toBe('f2');
});

it('offers a reservation to its role and the roles below, and to nobody else', () => {
  const reservations = [{ type: 'DYNAMIC' as const, role: 'eng', principal: 'p' }];
  allocator.updateTotal('a1', [{ name: 'cpus', type: 'SCALAR', scalar: { value: 1 }, reservations }]);
  allocator.updateFramework('f1', options(['ops']));
  expect(allocator.allocate()).toEqual([]);
  allocator.updateFramework('f1', options(['eng/sub']));
  expect(allocator.allocate()).toHaveLength(1);
});

it('keeps a disk-only leftover back, unless the framework wants crumbs', () => {
  allocator.updateTotal('a1', parseResources('disk:512'));
  expect(allocator.allocate()).toEqual([]);
  allocator.updateFramework('f1', options(['eng'], { minAllocatable: new Map([['eng', []]]) }));
  expect(allocator.allocate()).toHaveLength(1);
});

it('offers nothing to the suppressed and nothing of an inactive agent', () => {
  allocator.suppress('f1', ['eng']);
  expect(allocator.allocate()).toEqual([]);
  allocator.revive('f1', ['eng']);
  allocator.setAgentActive('a1', false);
  expect(allocator.allocate()).toEqual([]);
});
