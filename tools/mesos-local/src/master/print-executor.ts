import { codec } from '@cotton/mesos';
import type { ExecutorInfo } from '../messages.ts';

const executorInfo = codec('ExecutorInfo');

/** Members in the order of their field numbers, as the protobuf text format has them. */
const ORDER = ['executor_id', 'data', 'resources', 'command', 'framework_id', 'name', 'source'];

const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);

/** Set only by default: the text format shows what was given. */
const DEFAULTS: Record<string, unknown> = { shell: true, extract: true };

const ENUM_MEMBERS = new Set(['type', 'mode']);

const escape = (text: string): string =>
  text
    .replace(/[\\"']/g, (character) => `\\${character}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t');

function printMember(name: string, value: unknown, indent: string): string {
  if (Array.isArray(value)) return value.map((item) => printMember(name, item, indent)).join('');
  if (typeof value === 'object' && value !== null)
    return `${indent}${name} {\n${printMembers(value as Record<string, unknown>, `${indent}  `)}${indent}}\n`;
  if (typeof value === 'string' && !ENUM_MEMBERS.has(name)) return `${indent}${name}: "${escape(value)}"\n`;
  return `${indent}${name}: ${String(value)}\n`;
}

/** The JSON form puts the type of a variable before its value. */
const typeLast = ([left]: [string, unknown], [right]: [string, unknown]): number =>
  left === 'type' && right === 'value' ? 1 : left === 'value' && right === 'type' ? -1 : 0;

const printMembers = (message: Record<string, unknown>, indent: string): string =>
  Object.entries(message)
    .filter(([name, value]) => DEFAULTS[name] !== value)
    .sort(typeLast)
    .map(([name, value]) => printMember(name, value, indent))
    .join('');

/** An ExecutorInfo in full, environment included, as the message about incompatible executors shows it. */
export function printExecutorInfo(info: ExecutorInfo): string {
  const known = JSON.parse(executorInfo.toJson(executorInfo.fromJson(JSON.stringify(info)))) as Record<
    string,
    unknown
  >;
  const ordered = Object.entries(known).sort(([a], [b]) => rank(a) - rank(b));
  return printMembers(Object.fromEntries(ordered), '');
}
