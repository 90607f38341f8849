/** One number that a benchmark found out. */
export interface Measurement {
  name: string;
  value: number;
  unit: 's' | 'ms' | 'MB' | '×';
  /** How it came about, for people. */
  note?: string;
  /** Where the value sums up several. */
  samples?: number[];
}

/** Numbers that belong side by side. */
export interface Table {
  title: string;
  head: string[];
  rows: string[][];
  /** What the rows were made of, for machines. */
  data: unknown;
}

/** Found one after the other: what breaks later does not take back what is known. */
export type Measurements = AsyncGenerator<Measurement | Table, void>;

export interface BenchResult {
  bench: string;
  measurements: Measurement[];
  tables: Table[];
  /** Why it could not measure all; what it found until then is there. */
  failure?: string;
}

/** The middle of the samples and the worst, as two measurements. */
export function spread(name: string, samples: number[], unit: Measurement['unit']): Measurement[] {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
  const runs = `${samples.length} times`;
  return [
    { name: `${name}, p50`, value: middle, unit, note: runs, samples },
    { name: `${name}, max`, value: sorted.at(-1) ?? NaN, unit, note: runs },
  ];
}

/** All of it for the terminal. */
export function formatResults(results: readonly BenchResult[]): string {
  const rows = results.flatMap(({ bench, measurements, failure }) => [
    ...measurements.map((m) => [bench, m.name, `${format(m.value)} ${m.unit}`, m.note ?? '']),
    ...(failure === undefined ? [] : [[bench, 'FAILED', '', failure]]),
  ]);
  const tables = results.flatMap(({ tables }) => tables.map(formatTable));
  return [...(rows.length > 0 ? [align(rows, [2])] : []), ...tables].join('\n\n');
}

/** Columns of numbers end at the right. */
export function formatTable({ title, head, rows }: Table): string {
  const numbers = head.flatMap((_, column) =>
    column > 0 && rows.every((row) => /^(\d.*|–|)$/.test(row[column] ?? '')) ? [column] : [],
  );
  return `${title}\n${align([head, ...rows], numbers)}`;
}

/** @param numbers the columns that end at the right */
function align(rows: readonly string[][], numbers: readonly number[]): string {
  const columns = rows[0]?.map((_, column) => column) ?? [];
  const widths = columns.map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    numbers.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

export function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}
