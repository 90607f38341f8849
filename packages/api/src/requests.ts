/**
 * Reads the bodies of requests. Form fields and JSON go through the same functions, so that both have the
 * same rules; every refused field is reported at once. The cluster's name is in the URL and the scheduler's to judge.
 */
import { parseDurability, parsePromotion } from './durability.ts';
import type { DurabilityChange, PromotionPreference } from './durability.ts';
import { ApiError, refuseFields } from './errors.ts';
import {
  BACKUP_ID_MAX_LENGTH,
  NUM_NODES_MAX,
  parseNumNodes,
  passwordProblem,
  userProblem,
} from './fields.ts';
import { collect, isAbsent, readFields, type Report } from './read-fields.ts';
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
  durability: DurabilityChange;
  promotion: Record<string, PromotionPreference>;
}

/** What is to change; undefined stays as it is. */
export interface PatchCluster {
  numNodes?: number;
  durability?: DurabilityChange;
  promotion?: Record<string, PromotionPreference>;
}

const PATCH_FIELDS = ['num_nodes', 'durability', 'promotion'];
const CREATE_FIELDS = ['cluster_user', 'size', 'backup_id', 'cluster_password', ...PATCH_FIELDS];
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
    durability: isAbsent(fields.durability) ? {} : readDurability(fields.durability, report),
    promotion: isAbsent(fields.promotion) ? {} : readPromotion(fields.promotion, report),
  }));
}

/** Reads the body of `PATCH /clusters/<name>`. @throws ApiError listing all refused fields. */
export function parsePatchRequest(body: unknown): PatchCluster {
  const { num_nodes, durability, promotion } = readFields(body, PATCH_FIELDS);
  if (num_nodes === undefined && durability === undefined && promotion === undefined)
    throw new ApiError(
      'nothing_to_change',
      `The request names nothing to change; what can be changed: ${PATCH_FIELDS.join(', ')}.`,
    );
  return collect((report) => ({
    ...(num_nodes !== undefined && { numNodes: readNumNodes(num_nodes, report) }),
    ...(durability !== undefined && { durability: readDurability(durability, report) }),
    ...(promotion !== undefined && { promotion: readPromotion(promotion, report) }),
  }));
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

function readDurability(input: unknown, report: Report): DurabilityChange {
  const result = parseDurability(input);
  if ('durability' in result) return result.durability;
  report('durability', 'invalid_durability', result.wrong);
  return {};
}

function readPromotion(input: unknown, report: Report): Record<string, PromotionPreference> {
  const result = parsePromotion(input);
  if ('promotion' in result) return result.promotion;
  report('promotion', 'invalid_promotion', result.wrong);
  return {};
}
