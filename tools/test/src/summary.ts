import type { StageResult } from './run-stages.ts';
import { sumTallies, verdict } from './tally.ts';

/** What failed and what was skipped and why, a table of the stages, and the verdict as the last line. */
export function summary(results: StageResult[]): string {
  const total = sumTallies(results.map((result) => result.tally));
  const lines = [
    '',
    ...list('Failed:', total.failed),
    ...list('Failed first, passed when their file was run again:', total.unsteady),
    ...list(
      'Skipped:',
      total.skipped.map(({ name, reason }) => `${name} (${reason})`),
    ),
    row('stage', 'seconds', 'passed', 'failed', 'skipped'),
    ...results.map(({ name, seconds, tally }) =>
      row(name, seconds?.toFixed(1) ?? 'not run', tally.passed, tally.failed.length, tally.skipped.length),
    ),
    '',
    verdict(total),
  ];
  return lines.join('\n');
}

function list(title: string, items: string[]): string[] {
  return items.length > 0 ? [title, ...items.map((item) => `  ${item}`), ''] : [];
}

function row(name: string, ...cells: (string | number)[]): string {
  return name.padEnd(12) + cells.map((cell) => String(cell).padStart(9)).join('');
}
