/**
 * Reads the bodies of requests. Form fields and JSON go through the same functions, so that both have the
 * same rules; every refused field is reported at once. The cluster's name is in the URL and the scheduler's to judge.
 */
import { ApiError, refuseFields, type FieldProblem } from './errors.ts';
import {
  BACKUP_ID_MAX_LENGTH,
  NUM_NODES_MAX,
  parseNumNodes,
  passwordProblem,
  userProblem,
} from './fields.ts';
import { DEFAULT_SIZE, parseSize, type InstanceSize } from './sizes.ts';

/** A creation, read and complete with defaults. */
export interface CreateCluster {
  user: string;
  numNodes: number;
  size: InstanceSize;
  /** undefined: start empty. */
  backupId: string | undefined;
  /** undefined: the scheduler makes one. */
  password: string | undefined;
}

export interface PatchCluster {
  numNodes: number;
}

type Fields = Record<string, unknown>;
type Report = (field: string, code: FieldProblem['code'], message: string) => void;

const CREATE_FIELDS = ['cluster_user', 'num_nodes', 'size', 'backup_id', 'cluster_password'];
const NUM_NODES_RULE = `must be a whole number from 1 to ${NUM_NODES_MAX}`;

/** Reads the body of `POST /clusters/<name>`. @throws ApiError listing all refused fields. */
export function parseCreateRequest(body: unknown): CreateCluster {
  const fields = readFields(body, CREATE_FIELDS);
  return collect((report) => ({
    user: readUser(fields.cluster_user, report),
    numNodes: isAbsent(fields.num_nodes) ? 1 : readNumNodes(fields.num_nodes, report),
    size: readSize(fields.size, report),
    backupId: readBackupId(fields.backup_id, report),
    password: isAbsent(fields.cluster_password)
      ? undefined
      : readPassword('cluster_password', fields.cluster_password, report),
  }));
}

/** Reads the body of `PATCH /clusters/<name>`. @throws ApiError listing all refused fields. */
export function parsePatchRequest(body: unknown): PatchCluster {
  const fields = readFields(body, ['num_nodes']);
  if (fields.num_nodes === undefined)
    throw new ApiError('nothing_to_change', 'The request names nothing to change; num_nodes can be changed.');
  return collect((report) => ({ numNodes: readNumNodes(fields.num_nodes, report) }));
}

/** Reads the body of `DELETE /clusters/<name>`: the password to compare, '' when none was sent. @throws ApiError */
export function parseDeleteRequest(body: unknown): { password: string } {
  const { password } = readFields(body ?? {}, ['password']);
  if (password !== undefined && typeof password !== 'string')
    refuseFields([{ field: 'password', code: 'invalid_password', message: 'must be a text' }]);
  return { password: password ?? '' };
}

/** Refuses secrets in a query string, which proxies and servers log. @throws ApiError password_in_url */
export function refusePasswordInQuery(query: unknown): void {
  const keys = typeof query === 'object' && query !== null ? Object.keys(query) : [];
  if (keys.some((key) => /password/i.test(key)))
    throw new ApiError('password_in_url', 'The query string holds a password; send it in the body.');
}

function readFields(body: unknown, known: readonly string[]): Fields {
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

function collect<T>(read: (report: Report) => T): T {
  const problems: FieldProblem[] = [];
  const value = read((field, code, message) => problems.push({ field, code, message }));
  if (problems.length > 0) refuseFields(problems);
  return value;
}

function readUser(input: unknown, report: Report): string {
  const problem = userProblem(input);
  if (problem) report('cluster_user', problem.code, problem.message);
  return String(input);
}

function readNumNodes(input: unknown, report: Report): number {
  const count = parseNumNodes(input);
  if (count === undefined) report('num_nodes', 'invalid_num_nodes', NUM_NODES_RULE);
  return count ?? 0;
}

function readSize(input: unknown, report: Report): InstanceSize {
  const result = parseSize(input);
  if ('size' in result) return result.size;
  report('size', result.problem.code, result.problem.message);
  return DEFAULT_SIZE;
}

function readBackupId(input: unknown, report: Report): string | undefined {
  if (isAbsent(input)) return undefined;
  if (typeof input === 'string' && input.length <= BACKUP_ID_MAX_LENGTH) return input;
  report('backup_id', 'malformed_body', `must be a text of at most ${BACKUP_ID_MAX_LENGTH} characters`);
  return undefined;
}

function readPassword(field: string, input: unknown, report: Report): string {
  const problem = passwordProblem(input);
  if (problem) report(field, 'invalid_password', problem);
  return String(input);
}

/** The original treated an empty form field like one left out. */
function isAbsent(input: unknown): boolean {
  return input === undefined || input === null || input === '';
}
