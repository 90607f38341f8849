import { hasCapability, rolesOf, type FrameworkInfo } from '../messages.ts';
import type { MasterConfig } from './config.ts';
import { roleProblem } from './validate-roles.ts';

const LONGEST_SECONDS = 9_223_372_036;

/** Prints a set as Mesos does. */
export const printSet = (items: Iterable<string>): string => {
  const list = [...items];
  return list.length === 0 ? '{}' : `{ ${list.join(', ')} }`;
};

/** Checks of an id (framework, task, executor, persistence): its problem, or `undefined`. */
export function idProblem(id: string): string | undefined {
  if (id === '') return 'ID must not be empty';
  if (id.length > 255) return 'ID must not be greater than 255 characters';
  if (id === '.' || id === '..') return `'${id}' is disallowed`;
  if (/[\u0000-\u001f\u007f/\\]/.test(id)) return `'${id}' contains invalid characters`;
  return undefined;
}

function rolesProblem(info: FrameworkInfo): string | undefined {
  const multiRole = hasCapability(info, 'MULTI_ROLE');
  if (multiRole && info.role !== undefined && info.role !== '*')
    return "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable";
  const roles = info.roles ?? [];
  if (!multiRole && roles.length > 0)
    return "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable";
  const duplicates = new Set(roles.filter((role, index) => roles.indexOf(role) !== index));
  if (duplicates.size > 0) return `'FrameworkInfo.roles' contains duplicate items: ${printSet(duplicates)}`;
  const name = multiRole
    ? "'FrameworkInfo.roles' contains invalid role"
    : "'FrameworkInfo.role' is not a valid role";
  for (const role of rolesOf(info)) {
    const problem = roleProblem(role);
    if (problem !== undefined) return `${name}: ${problem}`;
  }
  return undefined;
}

/** What a SUBSCRIBE or UPDATE_FRAMEWORK carries besides the FrameworkInfo. */
export interface FrameworkExtras {
  suppressed_roles?: string[];
  offer_constraints?: { role_constraints?: Record<string, unknown> };
}

function extrasProblem(info: FrameworkInfo, extras: FrameworkExtras): string | undefined {
  const roles = new Set(rolesOf(info));
  const suppressed = (extras.suppressed_roles ?? []).filter((role) => !roles.has(role));
  if (suppressed.length > 0)
    return `Suppressed roles ${printSet(suppressed)} are not contained in the set of roles`;
  const constrained = Object.keys(extras.offer_constraints?.role_constraints ?? {}).find(
    (role) => !roles.has(role),
  );
  if (constrained !== undefined)
    // The missing space is Mesos' own.
    return `Offer constraints specify \`role_constraints\` for a role '${constrained}'not contained in the set of roles`;
  return undefined;
}

/** C++'s way to print a double: six significant digits. */
function printDouble(value: number): string {
  const [mantissa, exponent] = value.toExponential(5).split('e') as [string, string];
  const power = Number(exponent);
  if (power >= -5 && power < 6) return String(Number(value.toPrecision(6)));
  const digits = String(Math.abs(power)).padStart(2, '0');
  return `${Number(mantissa)}e${power < 0 ? '-' : '+'}${digits}`;
}

/** Why a framework is refused, in the master's words; `undefined` when it is not. */
export function frameworkProblem(
  info: FrameworkInfo,
  extras: FrameworkExtras,
  config: MasterConfig,
): string | undefined {
  const problem = rolesProblem(info) ?? (info.id && idProblem(info.id.value));
  if (problem !== undefined) return problem;
  const timeout = info.failover_timeout ?? 0;
  if (Math.abs(timeout) > LONGEST_SECONDS)
    return `The framework failover_timeout (${printDouble(timeout)}) is invalid`;
  const extra = extrasProblem(info, extras);
  if (extra !== undefined) return extra;
  const foreign =
    config.roles && rolesOf(info).filter((role) => role !== '*' && !config.roles!.includes(role));
  if (foreign && foreign.length > 0)
    return `Roles ${printSet(foreign)} are not present in the master's --roles`;
  if (info.user === 'root' && !config.rootSubmissions)
    return "User 'root' is not allowed to run frameworks without --root_submissions set";
  return undefined;
}
