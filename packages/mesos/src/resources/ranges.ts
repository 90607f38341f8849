import type { ValueRange } from '../wire/generated/types.ts';

/** Ascending, neither overlapping nor touching. Ranges whose end is before their begin vanish. */
export function normalizeRanges(ranges: readonly ValueRange[]): ValueRange[] {
  const sorted = ranges.filter(({ begin, end }) => begin <= end).toSorted((a, b) => a.begin - b.begin);
  const merged: ValueRange[] = [];
  for (const { begin, end } of sorted) {
    const last = merged.at(-1);
    if (last && begin <= last.end + 1) last.end = Math.max(last.end, end);
    else merged.push({ begin, end });
  }
  return merged;
}

export function subtractRanges(from: readonly ValueRange[], what: readonly ValueRange[]): ValueRange[] {
  return normalizeRanges(what).reduce(
    (left, cut) => left.flatMap((range) => without(range, cut)),
    normalizeRanges(from),
  );
}

export function containsRanges(outer: readonly ValueRange[], inner: readonly ValueRange[]): boolean {
  return subtractRanges(inner, outer).length === 0;
}

function without({ begin, end }: ValueRange, cut: ValueRange): ValueRange[] {
  const parts = [
    { begin, end: Math.min(end, cut.begin - 1) },
    { begin: Math.max(begin, cut.end + 1), end },
  ];
  return cut.end < begin || cut.begin > end
    ? [{ begin, end }]
    : parts.filter((part) => part.begin <= part.end);
}
