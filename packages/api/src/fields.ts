/**
 * Rules for single fields of requests. Each returns what is wrong, or undefined when all is well; no
 * message repeats a password.
 */

export const CLUSTER_NAME_MAX_LENGTH = 48;
/** For schemas and forms. The scheduler has the last word (reserved names, names that differ only in case). */
export const CLUSTER_NAME_PATTERN = '^[A-Za-z][A-Za-z0-9_\\-]{0,47}$';
export const NUM_NODES_MAX = 64;
/** MySQL's limit for an account name. */
export const USER_MAX_LENGTH = 32;
export const USER_PATTERN = '^[A-Za-z0-9_][A-Za-z0-9_.\\-]{0,31}$';
/** The most that RSA can carry to caching_sha2_password over a connection without TLS. */
export const PASSWORD_MAX_BYTES = 213;
export const BACKUP_ID_MAX_LENGTH = 256;

const USER = new RegExp(USER_PATTERN);
/** Accounts of MySQL itself and of Cotton's executors; a user's account must never shadow them. */
const RESERVED_USER = /^(root|event_scheduler|mysql\..*|cotton_.*)$/i;

export type UserProblem = { code: 'invalid_user' | 'reserved_user'; message: string };

export function userProblem(user: unknown): UserProblem | undefined {
  if (typeof user !== 'string' || user === '') return { code: 'invalid_user', message: 'is required' };
  if (!USER.test(user))
    return {
      code: 'invalid_user',
      message: `must be 1 to ${USER_MAX_LENGTH} letters, digits, "_", "." or "-", not starting with "." or "-"`,
    };
  if (RESERVED_USER.test(user)) return { code: 'reserved_user', message: 'belongs to MySQL or to Cotton' };
  return undefined;
}

/** Any text MySQL's clients can send: the handshake ends a password at NUL, so that one is refused. */
export function passwordProblem(password: unknown): string | undefined {
  if (typeof password !== 'string') return 'must be a text';
  if (!password.isWellFormed() || password.includes('\uFFFD')) return 'is not valid UTF-8';
  const bytes = new TextEncoder().encode(password).length;
  if (bytes === 0) return 'must not be empty';
  if (bytes > PASSWORD_MAX_BYTES) return `must be at most ${PASSWORD_MAX_BYTES} bytes long, and has ${bytes}`;
  if (password.includes('\0')) return 'must not contain the NUL character';
  return undefined;
}

/** A number of instances: a whole number, or its decimal digits as forms send it. */
export function parseNumNodes(input: unknown): number | undefined {
  const isDigits = typeof input === 'string' && /^\d{1,10}$/.test(input);
  const count = typeof input === 'number' ? input : isDigits ? Number(input) : NaN;
  return Number.isInteger(count) && count >= 1 && count <= NUM_NODES_MAX ? count : undefined;
}

/** `POST` only: repeating a request with the same value never creates twice. */
export const IDEMPOTENCY_HEADER = 'idempotency-key';

/** 1 to 128 printable ASCII characters. */
export function isIdempotencyKey(key: unknown): key is string {
  return typeof key === 'string' && /^[\x21-\x7e]{1,128}$/.test(key);
}
