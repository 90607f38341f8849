/** Something the suite knows how to check and did not, and why. */
export interface NotRun {
  what: string;
  why: string;
}

/** Thrown at the line of a recording from which on a target cannot follow. */
export class NotRunError extends Error {}

const entries: NotRun[] = [];

export function notRun(what: string, why: string): void {
  entries.push({ what, why });
}

/** The list for the end of a run, by reason; empty text when everything ran. */
export function notRunReport(): string {
  if (entries.length === 0) return '';
  const reasons = Map.groupBy(entries, ({ why }) => why.split('\n')[0]!);
  const lines = [...reasons].flatMap(([why, those]) => [
    `  ${why}:`,
    ...those.map(({ what }) => `    ${what}`),
  ]);
  return ['Not run:', ...lines].join('\n');
}
