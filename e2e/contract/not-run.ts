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

/** The list for the end of a run; empty text when everything ran. */
export function notRunReport(): string {
  if (entries.length === 0) return '';
  return ['Not run:', ...entries.map(({ what, why }) => `  ${what}: ${why}`)].join('\n');
}
