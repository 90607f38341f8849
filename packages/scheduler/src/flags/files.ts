/** Reads the files that flags name; a reason for people instead of an exception. */
import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import { wrong, type Read } from './read.ts';

const FILE_MAX_BYTES = 1024 ** 2;
const KEY_BYTES = 32;

export interface Credentials {
  principal: string;
  secret: string;
}

export function readFile(path: string): Read<Buffer> {
  try {
    const { size } = statSync(path);
    if (size > FILE_MAX_BYTES) return wrong(`${path} is larger than 1 MB; is it the right file?`);
    return { value: readFileSync(path) };
  } catch (error) {
    return wrong(`cannot read ${path} (${reasonOf(error)}); check the path and its permissions.`);
  }
}

/** The key: the file's bytes, or its bytes before one final line break. */
export function readKey(path: string): Read<Buffer> {
  const file = readFile(path);
  if ('wrong' in file) return file;
  const key = file.value.length === KEY_BYTES ? file.value : withoutFinalNewline(file.value);
  if (key.length === KEY_BYTES) return { value: key };
  return wrong(
    `the key in ${path} must be exactly ${KEY_BYTES} bytes long, and has ${key.length}; make one with: head -c ${KEY_BYTES} /dev/urandom > KEYFILE`,
  );
}

export function readCredentials(path: string): Read<Credentials> {
  const read = readYaml(path);
  if ('wrong' in read) return read;
  const { principal, secret } = (isObject(read.value) ? read.value : {}) as Partial<Credentials>;
  if (isText(principal) && isText(secret)) return { value: { principal, secret } };
  return wrong(`${path} must hold two lines, "principal: NAME" and "secret: SECRET".`);
}

/** All scalars as text: a secret of digits only stays what it is. Messages never quote the file. */
export function readYaml(path: string): Read<unknown> {
  const file = readFile(path);
  if ('wrong' in file) return file;
  try {
    return { value: parse(file.value.toString('utf8'), { schema: 'failsafe', prettyErrors: false }) };
  } catch {
    return wrong(`${path} is not YAML; check its indentation and quotes.`);
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function withoutFinalNewline(bytes: Buffer): Buffer {
  if (bytes.at(-1) !== 0x0a) return bytes;
  return bytes.subarray(0, bytes.at(-2) === 0x0d ? -2 : -1);
}

function reasonOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return String((error as NodeJS.ErrnoException).code ?? 'unreadable');
  }
}
