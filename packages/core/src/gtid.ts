/**
 * GTID sets as MySQL prints them (manual, "GTID Format and Storage"; tags since 8.3):
 * `uuid:1-5:7:tag:1-3,uuid2:9`. Intervals are inclusive, kept sorted and merged.
 */

/** First and last transaction number, both included. */
type Interval = readonly [first: number, last: number];

/** Keyed by `uuid` or `uuid:tag`, lower case. Immutable. */
export type GtidSet = ReadonlyMap<string, readonly Interval[]>;

export class GtidError extends Error {
  readonly code = 'bad_gtid_set';
  constructor(text: string, problem: string) {
    super(`not a GTID set: ${problem} in "${text.slice(0, 200)}"`);
    this.name = 'GtidError';
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TAG = /^[a-z_][a-z0-9_]{0,31}$/;
const INTERVAL = /^(\d{1,19})(?:-(\d{1,19}))?$/;

/** Reads MySQL's text form; white space and line breaks are ignored, the empty text is the empty set. @throws GtidError */
export function parseGtidSet(text: string): GtidSet {
  const intervals = new Map<string, Interval[]>();
  const compact = text.replace(/\s+/g, '').toLowerCase();
  for (const source of compact.split(',').filter((s) => s !== '')) readSource(source, text, intervals);
  return normalise(intervals);
}

function readSource(source: string, text: string, into: Map<string, Interval[]>): void {
  const [uuid = '', ...parts] = source.split(':');
  if (!UUID.test(uuid)) throw new GtidError(text, `"${uuid}" is no UUID`);
  if (parts.length === 0) throw new GtidError(text, `no interval after ${uuid}`);
  let key = uuid;
  for (const part of parts) {
    if (TAG.test(part)) key = `${uuid}:${part}`;
    else into.set(key, [...(into.get(key) ?? []), readInterval(part, text)]);
  }
}

function readInterval(part: string, text: string): Interval {
  const match = INTERVAL.exec(part);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!match || first < 1 || last < first || !Number.isSafeInteger(last))
    throw new GtidError(text, `"${part}" is no interval`);
  return [first, last];
}

/** MySQL's text form, sources and tags in order: equal sets print equally. */
export function formatGtidSet(set: GtidSet): string {
  const bySource = new Map<string, string[]>();
  for (const key of [...set.keys()].sort()) {
    const [uuid = '', tag] = key.split(':');
    const ranges = (set.get(key) ?? []).map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`));
    bySource.set(uuid, [...(bySource.get(uuid) ?? []), ...(tag ? [tag] : []), ...ranges]);
  }
  return [...bySource].map(([uuid, parts]) => [uuid, ...parts].join(':')).join(',');
}

export function unionGtidSets(...sets: GtidSet[]): GtidSet {
  const all = new Map<string, Interval[]>();
  for (const set of sets)
    for (const [key, intervals] of set) all.set(key, [...(all.get(key) ?? []), ...intervals]);
  return normalise(all);
}

/** What of the set was first committed by the server of this UUID, under any tag. */
export function ofSource(set: GtidSet, uuid: string): GtidSet {
  const own = uuid.toLowerCase();
  return new Map([...set].filter(([key]) => key === own || key.startsWith(`${own}:`)));
}

/** What is in `a` and not in `b`. */
export function subtractGtidSets(a: GtidSet, b: GtidSet): GtidSet {
  const rest = new Map<string, Interval[]>();
  for (const [key, intervals] of a) {
    const cuts = b.get(key) ?? [];
    rest.set(
      key,
      intervals.flatMap((interval) => cutAll(interval, cuts)),
    );
  }
  return normalise(rest);
}

/** Whether every transaction of `b` is in `a`. */
export function containsGtidSet(a: GtidSet, b: GtidSet): boolean {
  return subtractGtidSets(b, a).size === 0;
}

export function countTransactions(set: GtidSet): number {
  return [...set.values()].flat().reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

function cutAll(interval: Interval, cuts: readonly Interval[]): Interval[] {
  return cuts.reduce<Interval[]>((pieces, cut) => pieces.flatMap((piece) => cutOne(piece, cut)), [interval]);
}

function cutOne([first, last]: Interval, [from, to]: Interval): Interval[] {
  if (to < first || from > last) return [[first, last]];
  const pieces: Interval[] = [];
  if (first < from) pieces.push([first, from - 1]);
  if (to < last) pieces.push([to + 1, last]);
  return pieces;
}

function normalise(sets: ReadonlyMap<string, Interval[]>): GtidSet {
  const merged = new Map<string, Interval[]>();
  for (const [key, intervals] of sets) if (intervals.length > 0) merged.set(key, mergeIntervals(intervals));
  return merged;
}

function mergeIntervals(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].sort((x, y) => x[0] - y[0]);
  const merged: [number, number][] = [];
  for (const [first, last] of sorted) {
    const previous = merged.at(-1);
    if (previous && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}
