/**
 * GTID sets of the simulation: how many transactions of each source, which are always its first ones. Every server has
 * a number; its UUID is made of it.
 */
export type Counts = readonly number[];

export function uuidOf(source: number): string {
  return `00000000-0000-4000-8000-${source.toString(16).padStart(12, '0')}`;
}

export function covers(a: Counts, b: Counts): boolean {
  return b.every((count, source) => count <= (a[source] ?? 0));
}

export function join(a: Counts, b: Counts): number[] {
  const most: number[] = [];
  for (let source = 0; source < Math.max(a.length, b.length); source++)
    most[source] = Math.max(a[source] ?? 0, b[source] ?? 0);
  return most;
}

/** As MySQL prints it. */
export function formatCounts(counts: Counts): string {
  const parts: string[] = [];
  for (let source = 0; source < counts.length; source++) {
    const count = counts[source] ?? 0;
    if (count > 0) parts.push(`${uuidOf(source)}:${count === 1 ? '1' : `1-${count}`}`);
  }
  return parts.join(',');
}

/** @throws on a set that has a gap: the simulation makes none */
export function parseCounts(text: string): number[] {
  const counts: number[] = [];
  if (text === '') return counts;
  for (const part of text.split(',')) {
    const [, source, last] = /^[0-9a-f-]{24}([0-9a-f]{12}):1(?:-(\d+))?$/.exec(part) ?? [];
    if (source === undefined) throw new Error(`a set with a gap: ${text}`);
    const index = Number.parseInt(source, 16);
    while (counts.length < index) counts.push(0);
    counts[index] = Number(last ?? 1);
  }
  return counts;
}
