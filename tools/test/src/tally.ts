/** What one tier's tests came to. */
export interface Tally {
  passed: number;
  /** Full names of failed tests, and what else went wrong (a file that does not load, an unhandled error). */
  failed: string[];
  skipped: { name: string; reason: string }[];
  /** Failed, and passed in a second run of their file. */
  unsteady: string[];
}

/** Of what has no tests to count: nothing passed, and this failed. */
export function failures(failed: string[]): Tally {
  return { passed: 0, failed, skipped: [], unsteady: [] };
}

export function sumTallies(tallies: Tally[]): Tally {
  return {
    passed: tallies.reduce((sum, tally) => sum + tally.passed, 0),
    failed: tallies.flatMap((tally) => tally.failed),
    skipped: tallies.flatMap((tally) => tally.skipped),
    unsteady: tallies.flatMap((tally) => tally.unsteady),
  };
}

/** The last line of `npm test`: `12 passed, 0 failed`, and `, 3 skipped` where some were. */
export function verdict(tally: Tally): string {
  const skipped = tally.skipped.length > 0 ? `, ${tally.skipped.length} skipped` : '';
  return `${tally.passed} passed, ${tally.failed.length} failed${skipped}`;
}
