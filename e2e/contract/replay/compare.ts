import type { Json, JsonObject } from '../trace/trace.ts';
import type { Identity } from './identity.ts';

/** Members whose value is the moment or the process at hand. */
const PASSING = new Set([
  'timestamp',
  'nanoseconds',
  'executor_pid',
  'ip',
  'registered_time',
  'reregistered_time',
  'unregistered_time',
  'start_time',
  'elected_time',
  'build_date',
  'build_time',
  'build_user',
  'git_sha',
]);

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Resources of one offer or task have no meaningful order. */
function ordered(name: string, values: Json[]): Json[] {
  if (name !== 'resources' && name !== 'executor_ids') return values;
  return [...values].sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
}

/** Text of a value with its members sorted. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${name}:${canonical(value[name]!)}`).join()}}`;
}

const short = (value: Json | undefined): string => (JSON.stringify(value) ?? 'nothing').slice(0, 300);

export interface CompareOptions {
  /** The recording was trimmed: what it does not have may be there. */
  subset?: boolean;
}

/** Every place where an answer differs from the recorded one; empty when they are the same. */
export function differences(
  recorded: Json,
  actual: Json | undefined,
  ids: Identity,
  options: CompareOptions = {},
  path = '',
): string[] {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (PASSING.has(name)) return actual === undefined ? [`${path} is missing`] : [];
  if (Array.isArray(recorded)) return compareLists(recorded, actual, ids, options, path, name);
  if (isObject(recorded)) return compareObjects(recorded, actual, ids, options, path);
  return sameLeaf(recorded, actual, ids, name)
    ? []
    : [`${path || 'value'}: recorded ${short(recorded)}, got ${short(actual)}`];
}

function compareLists(
  recorded: Json[],
  actual: Json | undefined,
  ids: Identity,
  options: CompareOptions,
  path: string,
  name: string,
): string[] {
  if (!Array.isArray(actual) || actual.length !== recorded.length)
    return [`${path}: recorded ${short(recorded)}, got ${short(actual)}`];
  const theirs = ordered(name, actual);
  return ordered(name, recorded).flatMap((one, index) =>
    differences(one, theirs[index], ids, options, `${path}[${index}]`),
  );
}

function compareObjects(
  recorded: JsonObject,
  actual: Json | undefined,
  ids: Identity,
  options: CompareOptions,
  path: string,
): string[] {
  if (!isObject(actual)) return [`${path}: recorded ${short(recorded)}, got ${short(actual)}`];
  const found = Object.entries(recorded).flatMap(([name, value]) =>
    name in actual
      ? differences(value, actual[name], ids, options, path ? `${path}.${name}` : name)
      : [`${path}.${name} is missing (recorded ${short(value)})`],
  );
  if (options.subset) return found;
  const extra = Object.keys(actual).filter((name) => !(name in recorded));
  return [...found, ...extra.map((name) => `${path}.${name} was not recorded: ${short(actual[name])}`)];
}

function sameLeaf(recorded: Json, actual: Json | undefined, ids: Identity, name: string): boolean {
  if (typeof recorded === 'number' && typeof actual === 'number') {
    const expected = name === 'port' ? ids.port(recorded) : recorded;
    return Math.abs(expected - actual) < 1e-6;
  }
  if (typeof recorded !== 'string' || typeof actual !== 'string') return recorded === actual;
  if (ids.isUuidBytes(recorded)) return ids.isUuidBytes(actual) && ids.same(recorded, actual);
  return ids.sameText(recorded, actual);
}
