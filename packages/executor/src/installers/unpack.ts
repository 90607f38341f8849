import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { extract } from 'tar';
import { describeError, ExecutorError } from '../error.ts';

const HEAD_TIMEOUT_MS = 10_000;

/** The path behind `file:///…` or a plain path; undefined for other URLs. */
export function localPath(uri: string): string | undefined {
  if (uri.startsWith('/')) return uri;
  return uri.startsWith('file://') ? fileURLToPath(uri) : undefined;
}

/** Bytes of a package, from wherever it is. @throws ExecutorError `package_missing` */
export async function openUri(uri: string, signal: AbortSignal): Promise<Readable> {
  const path = localPath(uri);
  if (path !== undefined) return createReadStream(path, { highWaterMark: 1 << 20 });
  const { url, headers } = requestFor(uri);
  const answer = await fetch(url, { headers, signal }).catch((cause: unknown) => {
    throw new ExecutorError(
      'package_missing',
      `${withoutCredentials(uri)} does not answer: ${describeError(cause)}`,
      cause,
    );
  });
  if (!answer.ok || !answer.body)
    throw new ExecutorError(
      'package_missing',
      `${withoutCredentials(uri)} answers ${answer.status}; check "uri" in --installer_args`,
    );
  return Readable.from(answer.body);
}

/** fetch takes no credentials in an address, and repeats the address when it says so. */
function requestFor(uri: string): { url: URL; headers: Record<string, string> } {
  const url = new URL(uri);
  const { username, password } = url;
  url.username = url.password = '';
  if (username === '' && password === '') return { url, headers: {} };
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url, headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } };
}

/** The digest published beside a package as `<uri>.sha256` (the first word, as sha256sum writes it), if there is one. */
export async function publishedDigest(uri: string, signal: AbortSignal): Promise<string | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(HEAD_TIMEOUT_MS)]);
  try {
    const chunks = await Readable.from(await openUri(`${uri}.sha256`, limit))
      .take(1)
      .toArray();
    const [digest] = Buffer.concat(chunks as Buffer[])
      .toString('latin1')
      .trim()
      .toLowerCase()
      .split(/\s/);
    return digest !== undefined && /^[0-9a-f]{64}$/.test(digest) ? digest : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Unpacks a `tar` or `tar.gz` into `folder` and returns its SHA-256 in hex, both in one pass. A single folder around
 * everything, as in MySQL's own archives, stays.
 * @throws ExecutorError `package_missing`, `package_damaged`
 */
export async function unpack(uri: string, folder: string, signal: AbortSignal): Promise<string> {
  const source = await openUri(uri, signal);
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const sink = extract({ cwd: folder, strict: true, preserveOwner: false });
  try {
    await pipeline(source, hashing, sink, { signal });
  } catch (cause) {
    if (signal.aborted) throw cause;
    const code = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'package_missing' : 'package_damaged';
    throw new ExecutorError(code, `${withoutCredentials(uri)}: ${describeError(cause)}`, cause);
  }
  return hash.digest('hex');
}

/** SHA-256 of a file in hex. */
export async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, { signal });
  return hash.digest('hex');
}

export function withoutCredentials(uri: string): string {
  return uri.replace(/\/\/[^/]*@/, '//').replace(/\?.*$/, '?…');
}
