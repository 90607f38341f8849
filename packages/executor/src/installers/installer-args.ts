import { ExecutorError } from '../error.ts';

/** `--installer_args` of the built-in installers: one JSON object. */
export type InstallerArgs = { installer: 'noop' } | TarballArgs;

export interface TarballArgs {
  installer: 'tarball';
  /** `http://`, `https://`, `file://` or an absolute path: a `tar.gz`, or a folder that is unpacked already. */
  uri: string;
  /** SHA-256 of the archive in hex. Without it `<uri>.sha256` is asked for. */
  sha256?: string;
  /** Folder for packages, shared by the executors of one agent. */
  cache?: string;
}

const SHA256 = /^[0-9a-f]{64}$/;

/** @throws ExecutorError `bad_installer_args` */
export function parseInstallerArgs(text: string): InstallerArgs {
  const args = parseObject(text);
  if (args.installer === 'noop') return { installer: 'noop' };
  if (args.installer !== 'tarball')
    throw bad(`"installer" must be "noop" or "tarball", not ${JSON.stringify(args.installer)}`);
  const { uri, sha256, cache } = args;
  if (typeof uri !== 'string' || !isAddress(uri))
    throw bad('"uri" must be an http, https or file URL, or an absolute path');
  if (sha256 !== undefined && (typeof sha256 !== 'string' || !SHA256.test(sha256.toLowerCase())))
    throw bad('"sha256" must be 64 hexadecimal digits');
  if (cache !== undefined && (typeof cache !== 'string' || !cache.startsWith('/')))
    throw bad('"cache" must be an absolute path');
  return { installer: 'tarball', uri, sha256: sha256?.toLowerCase(), cache };
}

function isAddress(uri: string): boolean {
  if (uri.startsWith('/')) return true;
  if (!/^(https?:\/\/|file:\/\/\/)/.test(uri) || !URL.canParse(uri)) return false;
  const { username, password } = new URL(uri);
  return !/%(?![0-9a-f]{2})/i.test(username + password);
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ExecutorError('bad_installer_args', 'not JSON', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('not a JSON object');
  return value as Record<string, unknown>;
}

function bad(detail: string): ExecutorError {
  return new ExecutorError('bad_installer_args', detail);
}
