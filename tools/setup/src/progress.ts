/** Told one short line at a time, for a person to read. */
export type Progress = (line: string) => void;

/** The progress of whoever does not bring their own: standard error, so that no output is spoilt. */
export const stderrProgress: Progress = (line) => process.stderr.write(`setup: ${line}\n`);
