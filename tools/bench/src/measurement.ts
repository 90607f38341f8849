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

/** Found one after the other: what breaks later does not take back what is known. */
export type Measurements = AsyncGenerator<Measurement, void>;

export interface BenchResult {
  bench: string;
  measurements: Measurement[];
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

/** A table for the terminal. */
export function formatTable(results: readonly BenchResult[]): string {
  const rows = results.flatMap(({ bench, measurements, failure }) => [
    ...measurements.map((m) => [bench, m.name, `${format(m.value)} ${m.unit}`, m.note ?? '']),
    ...(failure === undefined ? [] : [[bench, 'FAILED', '', failure]]),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}
