import type { Fault } from '../faults/fault.ts';
import type { Result } from './results.ts';

const HEADINGS = ['Fault', 'Runs', 'Acknowledged', 'Lost', 'Doubled or stale', 'Other', 'p50', 'p99', 'max'];

/** A Markdown table: one row per fault, in the order of `faults`; those without results are left out. */
export function formatTable(results: readonly Result[], faults: readonly Fault[]): string {
  const rows = faults.flatMap(({ name, mayLose }) => {
    const own = results.filter(({ fault }) => fault === name);
    return own.length === 0 ? [] : [rowOf(`${name}${mayLose ? ' \\*' : ''}`, own)];
  });
  const all = rows.length > 1 ? [rowOf('all', results)] : [];
  const lines = [HEADINGS, HEADINGS.map((_, index) => (index === 0 ? '---' : '---:')), ...rows, ...all];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** What the table does not show: rounds in which some step did nothing, and stale reads that a limit excuses. */
export function formatRemarks(results: readonly Result[], faults: readonly Fault[]): string {
  const lines = faults.flatMap(({ name }) => {
    const own = results.filter(({ fault }) => fault === name);
    const idle = own.filter(({ withoutEffect = [] }) => withoutEffect.length > 0);
    const steps = new Set(idle.flatMap(({ withoutEffect = [] }) => withoutEffect.map(withoutNumbers)));
    const excused = own.filter((result) => (result.excused ?? []).length > 0);
    return [
      ...(idle.length === 0
        ? []
        : [`- ${name}: a step without effect in ${idle.length} of ${own.length} (${[...steps].join('; ')})`]),
      ...(excused.length === 0
        ? []
        : [`- ${name}: stale reads after a restore in ${excused.length} of ${own.length}`]),
    ];
  });
  const unknown = results.filter(({ withoutEffect }) => withoutEffect === undefined).length;
  const gap = unknown === 0 ? [] : [`- ${unknown} rounds did not look for steps without effect`];
  return [...lines, ...gap].join('\n');
}

function withoutNumbers(step: string): string {
  return step.replaceAll(/,? \d+$/g, '');
}

function rowOf(name: string, results: readonly Result[]): string[] {
  const sum = (value: (result: Result) => number): string =>
    String(results.reduce((total, result) => total + value(result), 0));
  const gaps = results.map(({ gapMs }) => gapMs).sort((a, b) => a - b);
  return [
    name,
    String(results.length),
    sum(({ acknowledged }) => acknowledged),
    sum(({ lost }) => lost),
    sum(({ doubled }) => doubled),
    sum(({ violations }) => violations.filter((text) => !COUNTED.test(text)).length),
    ...[0.5, 0.99, 1].map((share) => seconds(quantile(gaps, share))),
  ];
}

/** Those with columns of their own. */
const COUNTED = /^(lost|doubled|stale|regressed|phantom)\b/;

/** The smallest value that `share` of all do not exceed. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
