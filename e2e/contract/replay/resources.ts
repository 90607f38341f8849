import type { Json, JsonObject } from '../trace/trace.ts';
import { canonical } from './compare.ts';

/** Amounts by kind of resource: thousandths of a scalar, or the members of a set of ranges. */
type Amounts = Map<string, number | Set<number>>;

interface RangesOrScalar {
  scalar?: { value: number };
  ranges?: { range?: { begin: number; end: number }[] };
}

function rangeMembers(resource: RangesOrScalar): Set<number> {
  const members = new Set<number>();
  for (const { begin, end } of resource.ranges?.range ?? [])
    for (let at = Number(begin); at <= Number(end); at += 1) members.add(at);
  return members;
}

/** The sum of several resource lists. */
export function total(lists: Json[][]): Amounts {
  const amounts: Amounts = new Map();
  for (const resource of lists.flat() as JsonObject[]) {
    const { scalar, ranges, ...rest } = resource;
    const kind = canonical(rest);
    const value = resource as RangesOrScalar;
    const before = amounts.get(kind);
    if (ranges !== undefined)
      amounts.set(kind, new Set([...((before as Set<number>) ?? []), ...rangeMembers(value)]));
    else if (scalar !== undefined)
      amounts.set(kind, ((before as number) ?? 0) + Math.round(value.scalar!.value * 1000));
  }
  return amounts;
}

const size = (amount: number | Set<number>): number => (typeof amount === 'number' ? amount : amount.size);

/** Whether two sums are the same. */
export function equal(a: Amounts, b: Amounts): boolean {
  return a.size === b.size && contains(a, b) && contains(b, a);
}

/** Whether a sum has everything another one has. */
export function contains(a: Amounts, b: Amounts): boolean {
  return [...b].every(([kind, amount]) => {
    const ours = a.get(kind);
    if (ours === undefined) return false;
    if (typeof ours === 'number' || typeof amount === 'number') return size(ours) >= size(amount);
    return [...amount].every((member) => ours.has(member));
  });
}
