/** Who may use the API: the file behind `--access_file`, and finding a request's sender in it. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { statSync } from 'node:fs';
import { isObject, isText, readYaml } from '../flags/files.ts';
import { wrong, type Read } from '../flags/read.ts';

export const ACCESS_ROLES = ['admin', 'creator', 'viewer'] as const;
/** admin: everything. creator: create clusters, see all. viewer: see all. */
export type AccessRole = (typeof ACCESS_ROLES)[number];

export interface AccessEntry {
  name: string;
  role: AccessRole;
  /** SHA-256 of the token or password, hex: the list in memory holds no secret in clear. */
  digest: string;
}

export interface AccessList {
  tokens: readonly AccessEntry[];
  users: readonly AccessEntry[];
}

/** Who sent a request. A `claim` is a user the list does not know: perhaps a cluster's owner. */
export type Sender =
  | { kind: 'listed'; name: string; role: AccessRole }
  | { kind: 'claim'; user: string; password: string }
  | { kind: 'refused' }
  | { kind: 'anonymous' };

const ENTRIES_MAX = 10_000;
const TOKEN_MIN_LENGTH = 16;

/** Reads `tokens: [{name, role, token}]` and `users: [{name, role, password}]`. Messages never quote the file. */
export function readAccessFile(path: string): Read<AccessList> {
  const read = readYaml(path);
  if ('wrong' in read) return read;
  if ((statSync(path).mode & 0o007) !== 0)
    return wrong(`${path} is open to every user of this machine; run: chmod o-rwx ${path}`);
  const file = isObject(read.value) ? read.value : {};
  const stranger = Object.keys(file).find((key) => key !== 'tokens' && key !== 'users');
  if (stranger !== undefined) return wrong(`${path} may hold "tokens" and "users" only.`);
  const tokens = readEntries(file.tokens, 'token');
  const users = readEntries(file.users, 'password');
  if ('wrong' in tokens) return wrong(`${path}: ${tokens.wrong}`);
  if ('wrong' in users) return wrong(`${path}: ${users.wrong}`);
  if (tokens.value.length + users.value.length === 0)
    return wrong(`${path} names nobody, so nobody could use the API; add tokens or users.`);
  return { value: { tokens: tokens.value, users: users.value } };
}

/** Finds out who sent an `Authorization` header, taking the same time whether or not it is known. */
export function senderOf(list: AccessList, header: string | undefined): Sender {
  if (header === undefined) return { kind: 'anonymous' };
  const [, scheme, credentials] = /^(\S+) +(\S+) *$/.exec(header) ?? [];
  switch (scheme?.toLowerCase()) {
    case 'bearer':
      return listed(findBySecret(list.tokens, credentials ?? ''));
    case 'basic':
      return userSender(list, Buffer.from(credentials ?? '', 'base64').toString('utf8'));
    default:
      return { kind: 'refused' };
  }
}

function userSender(list: AccessList, credentials: string): Sender {
  const colon = credentials.indexOf(':');
  if (colon < 0) return { kind: 'refused' };
  const user = credentials.slice(0, colon);
  const password = credentials.slice(colon + 1);
  const known = list.users.filter(({ name }) => name === user);
  return known.length > 0 ? listed(findBySecret(known, password)) : { kind: 'claim', user, password };
}

function listed(entry: AccessEntry | undefined): Sender {
  return entry ? { kind: 'listed', name: entry.name, role: entry.role } : { kind: 'refused' };
}

/** Compares with every entry: the time tells nothing about which one came close. */
function findBySecret(entries: readonly AccessEntry[], secret: string): AccessEntry | undefined {
  const digest = Buffer.from(digestOf(secret), 'hex');
  let found: AccessEntry | undefined;
  for (const entry of entries) if (timingSafeEqual(digest, Buffer.from(entry.digest, 'hex'))) found = entry;
  return found;
}

function readEntries(input: unknown, secretKey: 'token' | 'password'): Read<AccessEntry[]> {
  const known = ['name', 'role', secretKey];
  if (input === undefined || input === '') return { value: [] };
  if (!Array.isArray(input) || input.length > ENTRIES_MAX)
    return wrong(`${secretKey} entries must be a list of at most ${ENTRIES_MAX}.`);
  const entries: AccessEntry[] = [];
  for (const [index, item] of input.entries()) {
    const where = `entry ${index + 1} with a ${secretKey}`;
    if (
      !isObject(item) ||
      !known.every((key) => isText(item[key])) ||
      Object.keys(item).length !== known.length
    )
      return wrong(`${where} must have exactly ${known.join(', ')}.`);
    const { name, role, [secretKey]: secret } = item as Record<string, string>;
    if (!isRole(role)) return wrong(`${where} has an unknown role; use ${ACCESS_ROLES.join(', ')}.`);
    if (secretKey === 'token' && (secret as string).length < TOKEN_MIN_LENGTH)
      return wrong(`${where} is too short to be safe; use at least ${TOKEN_MIN_LENGTH} random characters.`);
    if (entries.some((other) => other.name === name)) return wrong(`${where} has a name that is taken.`);
    entries.push({ name: name as string, role, digest: digestOf(secret as string) });
  }
  return { value: entries };
}

function isRole(text: string | undefined): text is AccessRole {
  return ACCESS_ROLES.some((role) => role === text);
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex');
}
