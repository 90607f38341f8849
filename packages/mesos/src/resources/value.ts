/** The amount in a resource (scalar, ranges or set) without regard to what kind of resource it is. */
import { MesosError } from '../error.ts';
import type { Resource } from '../wire/generated/types.ts';
import { fromThousandths, toThousandths } from './numbers.ts';
import { containsRanges, normalizeRanges, subtractRanges } from './ranges.ts';

/** `a` with the amount of both. */
export function addValue(a: Resource, b: Resource): Resource {
  switch (a.type) {
    case 'SCALAR':
      return withScalar(a, thousandths(a) + thousandths(b));
    case 'RANGES':
      return { ...a, ranges: { range: normalizeRanges([...rangesOf(a), ...rangesOf(b)]) } };
    default:
      return { ...a, set: { item: [...new Set([...itemsOf(a), ...itemsOf(b)])].toSorted() } };
  }
}

/** `a` without the amount of `b`, which it must contain. */
export function subtractValue(a: Resource, b: Resource): Resource {
  switch (a.type) {
    case 'SCALAR':
      return withScalar(a, thousandths(a) - thousandths(b));
    case 'RANGES':
      return { ...a, ranges: { range: subtractRanges(rangesOf(a), rangesOf(b)) } };
    default: {
      const gone = new Set(itemsOf(b));
      return { ...a, set: { item: itemsOf(a).filter((item) => !gone.has(item)) } };
    }
  }
}

export function containsValue(a: Resource, b: Resource): boolean {
  switch (a.type) {
    case 'SCALAR':
      return thousandths(a) >= thousandths(b);
    case 'RANGES':
      return containsRanges(rangesOf(a), rangesOf(b));
    default: {
      const items = new Set(itemsOf(a));
      return itemsOf(b).every((item) => items.has(item));
    }
  }
}

/** Nothing in it. Only a positive scalar is something. */
export function isEmpty(resource: Resource): boolean {
  switch (resource.type) {
    case 'SCALAR':
      return thousandths(resource) <= 0;
    case 'RANGES':
      return normalizeRanges(rangesOf(resource)).length === 0;
    default:
      return itemsOf(resource).length === 0;
  }
}

/** The same amount in the one form that arithmetic leaves: rounded, merged, sorted. */
export function normalizeValue(resource: Resource): Resource {
  return addValue(resource, { name: resource.name, type: resource.type });
}

function withScalar(resource: Resource, amount: number): Resource {
  return { ...resource, scalar: { value: fromThousandths(amount) } };
}

function thousandths(resource: Resource): number {
  const value = resource.scalar?.value ?? 0;
  if (!Number.isFinite(value)) throw new MesosError('resource', `${resource.name}: not a finite scalar`);
  return toThousandths(value);
}

function rangesOf(resource: Resource) {
  return resource.ranges?.range ?? [];
}

function itemsOf(resource: Resource): string[] {
  return resource.set?.item ?? [];
}
