import type { Json, JsonObject } from '../trace/trace.ts';
import type { Identity } from './identity.ts';

/** Members whose value is the moment, the process or the machine at hand. */
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
  'master_hostname',
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

const count = (value: Json | undefined): string => (Array.isArray(value) ? `${value.length} items ` : '');

const CONTEXT = 120;

/** Both values; of long texts only where they part. */
function apart(recorded: Json, actual: Json | undefined): string {
  if (typeof recorded !== 'string' || typeof actual !== 'string' || recorded.length < 2 * CONTEXT)
    return `recorded ${short(recorded)}, got ${short(actual)}`;
  const at = [...recorded].findIndex((letter, index) => letter !== actual[index]);
  const from = Math.max(at - CONTEXT, 0);
  return `from letter ${from}: recorded ${short(recorded.slice(from))}, got ${short(actual.slice(from))}`;
}

/** The stand-in says what it is wherever it is seen; nothing else may be added. */
const MARK = 'cotton_local';

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
  return sameLeaf(recorded, actual, ids, name) ? [] : [`${path || 'value'}: ${apart(recorded, actual)}`];
}

/** Listings that a master prints in the order of a hash table. */
const LISTED = new Set(['slaves', 'agents', 'frameworks']);

/** Puts the target's items in the order of the recorded ones with the same ids. */
function paired(recorded: Json[], actual: Json[], ids: Identity): Json[] {
  const rest = [...actual];
  return recorded.map((one) => {
    const wanted = ids.text(canonical(one));
    const known = rest.findIndex((item) =>
      (canonical(item).match(OWN_ID) ?? []).some((id) => wanted.includes(id)),
    );
    return rest.splice(Math.max(known, 0), 1)[0]!;
  });
}

const OWN_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-S\d+/g;

function compareLists(
  recorded: Json[],
  actual: Json | undefined,
  ids: Identity,
  options: CompareOptions,
  path: string,
  name: string,
): string[] {
  if (!Array.isArray(actual) || actual.length !== recorded.length)
    return [`${path}: recorded ${count(recorded)}${short(recorded)}, got ${count(actual)}${short(actual)}`];
  const theirs = LISTED.has(name) ? paired(recorded, actual, ids) : ordered(name, actual);
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
  const extra = Object.keys(actual).filter((name) => !(name in recorded) && name !== MARK);
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
