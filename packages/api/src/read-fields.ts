/** Reading the fields of a body: all that is wrong is reported at once. */
import { ApiError, refuseFields, type FieldProblem } from './errors.ts';

export type Fields = Record<string, unknown>;
export type Report = (field: string, code: FieldProblem['code'], message: string) => void;

/** @throws ApiError malformed_body, unknown_field */
export function readFields(body: unknown, known: readonly string[]): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ApiError('malformed_body', 'The body must be one object of fields.');
  const strangers = Object.keys(body).filter((key) => !known.includes(key));
  if (strangers.length > 0) {
    refuseFields(
      strangers.slice(0, 10).map((key) => ({
        field: key.slice(0, 60),
        code: 'unknown_field' as const,
        message: `is not known here; known: ${known.join(', ')}`,
      })),
    );
  }
  return body as Fields;
}

/** @throws ApiError listing all that was reported */
export function collect<T>(read: (report: Report) => T): T {
  const problems: FieldProblem[] = [];
  const value = read((field, code, message) => problems.push({ field, code, message }));
  if (problems.length > 0) refuseFields(problems);
  return value;
}

/** The original treated an empty form field like one left out. */
export function isAbsent(input: unknown): boolean {
  return input === undefined || input === null || input === '';
}
