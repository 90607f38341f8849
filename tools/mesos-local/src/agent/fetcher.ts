import { constants } from 'node:fs';
import { appendFile, chmod, chown, copyFile, mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { UriInfo } from '../messages.ts';
import { download, type DownloadOptions } from './download.ts';
import { extract, isArchive } from './extract.ts';
import type { FetchCache } from './fetch-cache.ts';
import type { User } from './users.ts';

export interface FetchJob {
  uris: UriInfo[];
  sandbox: string;
  /** Owner of what is fetched; `undefined` leaves it to the agent's own user. */
  user: User | undefined;
  cache: FetchCache;
  download: DownloadOptions;
}

/** A URI list the agent refuses before it starts fetching; the message reaches the scheduler. */
export class FetchRefused extends Error {}

/** The name a URI gets in the sandbox: everything after the last slash, query string included. */
const nameOf = (uri: UriInfo): string => uri.output_file ?? basename(uri.value);

function check(uris: UriInfo[]): void {
  for (const { output_file: file } of uris) {
    if (file === undefined) continue;
    if (file.startsWith('/') || file.split('/').includes('..'))
      throw new FetchRefused('Could not fetch: URI output file must be within the sandbox directory');
  }
}

/** Everything in the sandbox goes to the user, except links: they may be volumes. */
async function giveAway(path: string, user: User): Promise<void> {
  await chown(path, user.uid, user.gid);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) await giveAway(inner, user);
    else if (!entry.isSymbolicLink()) await chown(inner, user.uid, user.gid);
  }
}

async function place(file: string, uri: UriInfo, sandbox: string): Promise<void> {
  const target = join(sandbox, nameOf(uri));
  if (file !== target) await copyFile(file, target, constants.COPYFILE_FICLONE);
  if (uri.executable) await chmod(target, 0o755);
}

/** With the cache an archive leaves only its contents in the sandbox, without it the archive too. */
async function fetchOne(uri: UriInfo, job: FetchJob): Promise<void> {
  const target = join(job.sandbox, nameOf(uri));
  await mkdir(dirname(target), { recursive: true });
  const unpack = uri.extract !== false && !uri.executable;
  if (uri.cache) {
    const cached = await job.cache.file(job.user?.name ?? '', uri.value, job.download);
    if (unpack && isArchive(nameOf(uri))) await extract(cached, job.sandbox);
    else await place(cached, uri, job.sandbox);
    return;
  }
  await download(uri.value, target, job.download);
  await place(target, uri, job.sandbox);
  if (unpack) await extract(target, job.sandbox);
}

/**
 * Fetches all URIs into the sandbox, one after the other. What happens is written to the sandbox's
 * `stderr`, the only place that says which URI failed. Throws on the first failure.
 */
export async function fetchAll(job: FetchJob): Promise<void> {
  check(job.uris);
  const log = join(job.sandbox, 'stderr');
  for (const uri of job.uris) {
    try {
      await fetchOne(uri, job);
      await appendFile(log, `Fetched '${uri.value}' to '${join(job.sandbox, nameOf(uri))}'\n`);
    } catch (error) {
      await appendFile(log, `Failed to fetch '${uri.value}': ${(error as Error).message}\n`);
      throw error;
    }
  }
  if (job.user) await giveAway(job.sandbox, job.user);
}
