import { addAmount, containsAmount, isEmptyAmount, milli, subtractAmount } from './quantity.ts';
import { sameKind } from './same-kind.ts';
import type { Resource } from './types.ts';

/**
 * Resource arithmetic in the master's own order. Offers and error messages show that order, so
 * a list is kept as Mesos keeps it: an addition joins the first entry it fits or goes to the end; an
 * entry that is used up is replaced by the last one.
 */

export const isVolume = (resource: Resource): boolean => resource.disk?.persistence !== undefined;

/** A persistent volume has an identity: it never grows by addition and is only subtracted whole. */
const addable = (left: Resource, right: Resource): boolean => !isVolume(left) && sameKind(left, right);

const subtractable = (left: Resource, right: Resource): boolean =>
  sameKind(left, right) && (!isVolume(left) || milli(left.scalar!.value) === milli(right.scalar!.value));

function addOne(list: Resource[], resource: Resource): void {
  if (isEmptyAmount(resource)) return;
  const at = list.findIndex((entry) => addable(entry, resource));
  if (at < 0) list.push(resource);
  else list[at] = addAmount(list[at]!, resource);
}

function subtractOne(list: Resource[], resource: Resource): void {
  if (isEmptyAmount(resource)) return;
  const at = list.findIndex((entry) => subtractable(entry, resource));
  if (at < 0) return;
  const rest = subtractAmount(list[at]!, resource);
  if (!isEmptyAmount(rest)) {
    list[at] = rest;
    return;
  }
  const last = list.pop()!;
  if (at < list.length) list[at] = last;
}

/** The sum of several lists; amounts of one kind are joined. */
export function addResources(...lists: Resource[][]): Resource[] {
  const sum: Resource[] = [];
  for (const list of lists) for (const resource of list) addOne(sum, resource);
  return sum;
}

/** `from` without `what`; whatever is not there is ignored, as in Mesos. */
export function subtractResources(from: Resource[], what: Resource[]): Resource[] {
  const rest = [...from];
  for (const resource of what) subtractOne(rest, resource);
  return rest;
}

export function containsResources(all: Resource[], some: Resource[]): boolean {
  let rest = addResources(all);
  for (const resource of addResources(some)) {
    if (!rest.some((entry) => subtractable(entry, resource) && containsAmount(entry, resource))) return false;
    rest = subtractResources(rest, [resource]);
  }
  return true;
}

export const equalResources = (left: Resource[], right: Resource[]): boolean =>
  containsResources(left, right) && containsResources(right, left);

/** The role a resource is reserved for, or `*`. */
export const reservationRole = (resource: Resource): string => resource.reservations?.at(-1)?.role ?? '*';

export const isReserved = (resource: Resource): boolean => (resource.reservations?.length ?? 0) > 0;

export const isDynamicallyReserved = (resource: Resource): boolean =>
  isReserved(resource) && resource.reservations!.at(-1)!.type === 'DYNAMIC';

/** Resources that a restart of the agent must not forget: dynamic reservations and volumes. */
export const needsCheckpoint = (resource: Resource): boolean =>
  isDynamicallyReserved(resource) || isVolume(resource);

/** With the role they are allocated to, as offers show them. */
export const allocate = (resources: Resource[], role: string): Resource[] =>
  resources.map((resource) => ({ ...resource, allocation_info: { role } }));

export const unallocate = (resources: Resource[]): Resource[] =>
  resources.map(({ allocation_info: _allocation, ...resource }) => resource);

/** The total of one scalar, whatever its reservations, in thousandths. */
export const scalarTotal = (resources: Resource[], name: string): number =>
  resources.reduce(
    (sum, r) => (r.name === name && r.type === 'SCALAR' ? sum + milli(r.scalar?.value ?? 0) : sum),
    0,
  );
