import { MesosError } from '../error.ts';
import type { Resource } from '../wire/generated/types.ts';
import { isIndivisible, kindOf } from './kind.ts';
import { formatResources } from './format.ts';
import { addValue, containsValue, isEmpty, normalizeValue, subtractValue } from './value.ts';

/**
 * Resources are lists, as in an offer; every function takes any list and returns a new one in
 * which divisible resources of one kind are one entry, in order of first appearance.
 */
export function add(...lists: readonly (readonly Resource[])[]): Resource[] {
  const sum: Resource[] = [];
  for (const resource of lists.flat()) {
    if (isEmpty(resource)) continue;
    const at = isIndivisible(resource) ? -1 : indexOfKind(sum, resource);
    const present = sum[at];
    if (present) sum[at] = addValue(present, resource);
    else sum.push(normalizeValue(resource));
  }
  return sum;
}

/** What is left of `from` without `what`. Throws `resource` unless `from` contains it. */
export function subtract(from: readonly Resource[], what: readonly Resource[]): Resource[] {
  const left = trySubtract(from, what);
  if (!left) {
    throw new MesosError('resource', `${formatResources(from)} does not contain ${formatResources(what)}`);
  }
  return left;
}

/** Whether all of `inner` can be taken out of `outer` together. */
export function contains(outer: readonly Resource[], inner: readonly Resource[]): boolean {
  return trySubtract(outer, inner) !== undefined;
}

/** The same amounts of the same kinds, in whatever order and split. */
export function equal(a: readonly Resource[], b: readonly Resource[]): boolean {
  return trySubtract(a, b)?.length === 0;
}

function trySubtract(from: readonly Resource[], what: readonly Resource[]): Resource[] | undefined {
  const left = add(from);
  for (const resource of add(what)) {
    const at = left.findIndex((candidate) => holds(candidate, resource));
    const holder = left[at];
    if (!holder) return undefined;
    const rest = subtractValue(holder, resource);
    left.splice(at, 1, ...(isEmpty(rest) ? [] : [rest]));
  }
  return left;
}

function holds(candidate: Resource, resource: Resource): boolean {
  if (kindOf(candidate) !== kindOf(resource)) return false;
  const whole = isIndivisible(resource);
  return containsValue(candidate, resource) && (!whole || containsValue(resource, candidate));
}

function indexOfKind(list: readonly Resource[], resource: Resource): number {
  const kind = kindOf(resource);
  return list.findIndex((candidate) => kindOf(candidate) === kind);
}
