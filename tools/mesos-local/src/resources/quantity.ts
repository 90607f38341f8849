import type { Resource } from './types.ts';

/** Scalars are fixed-point with three decimals, as Mesos keeps them. */
export const milli = (value: number): number => Math.round(value * 1000);

interface Range {
  begin: number;
  end: number;
}

const sorted = (ranges: Range[]): Range[] =>
  ranges
    .filter((range) => range.begin <= range.end)
    .map((range) => ({ ...range }))
    .sort((a, b) => a.begin - b.begin);

/** Sorts and joins overlapping and neighbouring ranges. */
export function coalesce(ranges: Range[]): Range[] {
  const joined: Range[] = [];
  for (const range of sorted(ranges)) {
    const last = joined.at(-1);
    if (last && range.begin <= last.end + 1) last.end = Math.max(last.end, range.end);
    else joined.push(range);
  }
  return joined;
}

function subtractRange(from: Range[], cut: Range): Range[] {
  return from.flatMap((range) => {
    if (cut.end < range.begin || cut.begin > range.end) return [range];
    const rest: Range[] = [];
    if (range.begin < cut.begin) rest.push({ begin: range.begin, end: cut.begin - 1 });
    if (range.end > cut.end) rest.push({ begin: cut.end + 1, end: range.end });
    return rest;
  });
}

const subtractRanges = (left: Range[], right: Range[]): Range[] =>
  right.reduce(subtractRange, coalesce(left));

const rangesContain = (left: Range[], right: Range[]): boolean => {
  const joined = coalesce(left);
  return right.every((range) => joined.some((outer) => outer.begin <= range.begin && range.end <= outer.end));
};

const rangesOf = (resource: Resource): Range[] => resource.ranges?.range ?? [];
const itemsOf = (resource: Resource): string[] => resource.set?.item ?? [];

/** Adds the amount of `right` to that of `left`; both are the same kind of resource. */
export function addAmount(left: Resource, right: Resource): Resource {
  switch (left.type) {
    case 'SCALAR':
      return {
        ...left,
        scalar: { value: (milli(left.scalar?.value ?? 0) + milli(right.scalar?.value ?? 0)) / 1000 },
      };
    case 'RANGES':
      return { ...left, ranges: { range: coalesce([...rangesOf(left), ...rangesOf(right)]) } };
    default:
      return { ...left, set: { item: [...new Set([...itemsOf(left), ...itemsOf(right)])] } };
  }
}

export function subtractAmount(left: Resource, right: Resource): Resource {
  switch (left.type) {
    case 'SCALAR':
      return {
        ...left,
        scalar: { value: (milli(left.scalar?.value ?? 0) - milli(right.scalar?.value ?? 0)) / 1000 },
      };
    case 'RANGES':
      return { ...left, ranges: { range: subtractRanges(rangesOf(left), rangesOf(right)) } };
    default: {
      const gone = new Set(itemsOf(right));
      return { ...left, set: { item: itemsOf(left).filter((item) => !gone.has(item)) } };
    }
  }
}

/** Whether nothing, or less than nothing, is left of a resource. */
export function isEmptyAmount(resource: Resource): boolean {
  switch (resource.type) {
    case 'SCALAR':
      return milli(resource.scalar?.value ?? 0) <= 0;
    case 'RANGES':
      return rangesOf(resource).length === 0;
    default:
      return itemsOf(resource).length === 0;
  }
}

export function containsAmount(left: Resource, right: Resource): boolean {
  switch (left.type) {
    case 'SCALAR':
      return milli(left.scalar?.value ?? 0) >= milli(right.scalar?.value ?? 0);
    case 'RANGES':
      return rangesContain(rangesOf(left), rangesOf(right));
    default:
      return itemsOf(right).every((item) => itemsOf(left).includes(item));
  }
}

/** The amount as Mesos prints it in error messages: `4`, `0.25`, `[31000-31099, 32000-32001]`, `{a, b}`. */
export function printAmount(resource: Resource): string {
  switch (resource.type) {
    case 'SCALAR':
      return String(milli(resource.scalar?.value ?? 0) / 1000);
    case 'RANGES':
      return `[${rangesOf(resource)
        .map((range) => `${range.begin}-${range.end}`)
        .join(', ')}]`;
    default:
      return `{${itemsOf(resource).join(', ')}}`;
  }
}
