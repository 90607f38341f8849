import type { Tally } from './tally.ts';

/** What chance finds there is a finding, whatever a second run says. */
const FINAL = 'tools/chaos/';

/** The files whose failed tests may be run once more; none where some failure belongs to no such file. */
export function filesToRunAgain({ failed }: Tally): string[] {
  const files = failed.map((name) => /^(\S+\.test\.tsx?)(?: > |: )/.exec(name)?.[1]);
  const mayRunAgain = files.every((file) => file !== undefined && !file.startsWith(FINAL));
  return mayRunAgain ? [...new Set(files.filter((file) => file !== undefined))] : [];
}

/** The second run of a file counts; what failed only in the first is named. */
export function withSecondRun(first: Tally, second: Tally): Tally {
  const missing = (from: string[], other: string[]): string[] => from.filter((name) => !other.includes(name));
  const unsteady = missing(first.failed, second.failed);
  const isTest = (name: string): boolean => name.includes(' > ');
  const mended = unsteady.filter(isTest).length;
  const broken = missing(second.failed, first.failed).filter(isTest).length;
  const { skipped } = first;
  return { passed: first.passed + mended - broken, failed: second.failed, skipped, unsteady };
}
