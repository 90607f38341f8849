import { openMysqlTree } from '@cotton/mysql-ops';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExecutorError } from '../error.ts';
import type { InstallContext, InstalledPackage, PackageInstaller, PackageReference } from '../installer.ts';
import type { TarballArgs } from './installer-args.ts';
import { cachedPackage, packageCache } from './package-cache.ts';
import { localPath, publishedDigest, unpack, withoutCredentials } from './unpack.ts';

/**
 * A MySQL package (`docs/reference/packages.md`), fetched by the executor itself. Checked against its SHA-256 and kept
 * unpacked for all executors of the agent; without a digest it is unpacked into the sandbox, for this task alone.
 */
export function tarballInstaller(args: Omit<TarballArgs, 'installer'>): PackageInstaller {
  return {
    name: 'tarball',
    discover: (context) => discover(args, context),
    fetch: (reference, context) => fetchPackage(reference, args, context),
    install: (path) => openTree(path),
  };
}

async function discover(
  args: Omit<TarballArgs, 'installer'>,
  context: InstallContext,
): Promise<PackageReference> {
  const { uri } = args;
  const reference = { description: withoutCredentials(uri), location: uri };
  if (await isFolder(uri)) return reference;
  const sha256 = args.sha256 ?? (await publishedDigest(uri, context.signal));
  if (sha256 === undefined)
    context.log.warn('no "sha256" for the MySQL package: it is neither checked nor cached');
  return sha256 === undefined ? reference : { ...reference, sha256 };
}

async function fetchPackage(
  reference: PackageReference,
  args: Omit<TarballArgs, 'installer'>,
  context: InstallContext,
): Promise<string> {
  const { location, sha256 } = reference;
  if (await isFolder(location)) return localPath(location) as string;
  const into = async (folder: string) => {
    const actual = await unpack(location, folder, context.signal);
    if (sha256 !== undefined && actual !== sha256)
      throw new ExecutorError(
        'package_damaged',
        `${reference.description} has SHA-256 ${actual}, expected ${sha256}`,
      );
  };
  const cache = sha256 === undefined ? undefined : await packageCache(args.cache, context.log);
  if (cache !== undefined && sha256 !== undefined) return cachedPackage(cache, sha256, context.signal, into);
  const folder = join(context.sandbox, 'mysql');
  await mkdir(folder, { recursive: true });
  await into(folder);
  return folder;
}

/** MySQL's own archives hold one folder with everything in it. */
async function openTree(path: string): Promise<InstalledPackage> {
  const names = (await readdir(path)).filter((name) => !name.startsWith('.'));
  const [only] = names;
  const root = names.length === 1 && only !== undefined ? join(path, only) : path;
  return { mysql: await openMysqlTree(root), environment: {} };
}

async function isFolder(uri: string): Promise<boolean> {
  const path = localPath(uri);
  if (path === undefined) return false;
  return stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
}
