import { execFile } from 'node:child_process';
import { constants, createWriteStream } from 'node:fs';
import { copyFile, stat } from 'node:fs/promises';
import { get as httpGet, request as httpRequest, type IncomingMessage } from 'node:http';
import { get as httpsGet, request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

const MAX_REDIRECTS = 10;
const STALL_MS = 60_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export interface DownloadOptions {
  /** The `hadoop` client for `hdfs://` and the like; called as `<client> fs -copyToLocal <uri> <file>`. */
  hadoopClient: string | undefined;
  signal: AbortSignal;
}

function open(url: string, method: 'GET' | 'HEAD', signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const secure = url.startsWith('https:');
    const send = method === 'GET' ? (secure ? httpsGet : httpGet) : secure ? httpsRequest : httpRequest;
    const request = send(url, { method, headers: { Accept: '*/*' }, agent: false, signal }, resolve);
    request.setTimeout(STALL_MS, () =>
      request.destroy(new Error(`no progress for ${STALL_MS / 1000} seconds`)),
    );
    request.once('error', reject);
    request.end();
  });
}

async function follow(uri: string, method: 'GET' | 'HEAD', signal: AbortSignal): Promise<IncomingMessage> {
  let url = uri;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const response = await open(url, method, signal);
    if (response.statusCode === 200) return response;
    response.resume();
    const location = response.headers.location;
    if (!REDIRECTS.has(response.statusCode!) || location === undefined)
      throw new Error(`unexpected HTTP response ${response.statusCode} for ${url}`);
    url = new URL(location, url).href;
  }
  throw new Error(`too many redirects for ${uri}`);
}

const isHttp = (uri: string): boolean => /^https?:\/\//.test(uri);

/** Path of a local URI, absolute or `file://`; `undefined` for anything else. */
export const localPath = (uri: string): string | undefined =>
  uri.startsWith('/') ? uri : /^file:\/\/(?:localhost)?(\/.*)$/.exec(uri)?.[1];

/** Copies whatever the URI names to a local file; local files keep their mode. */
export async function download(uri: string, file: string, options: DownloadOptions): Promise<void> {
  const path = localPath(uri);
  if (path !== undefined) return copyFile(path, file, constants.COPYFILE_FICLONE);
  if (isHttp(uri)) return pipeline(await follow(uri, 'GET', options.signal), createWriteStream(file));
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(uri))
    throw new Error(`a relative path and no frameworks_home: ${uri}`);
  if (!options.hadoopClient) throw new Error(`no client configured for ${uri}`);
  await run(options.hadoopClient, ['fs', '-copyToLocal', uri, file], { signal: options.signal });
}

/** Size in bytes as the cache wants to know it beforehand; `undefined` where the server does not say. */
export async function remoteSize(uri: string, signal: AbortSignal): Promise<number | undefined> {
  const path = localPath(uri);
  if (path !== undefined) return (await stat(path)).size;
  if (!isHttp(uri)) return undefined;
  const response = await follow(uri, 'HEAD', signal);
  response.resume();
  const length = response.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
