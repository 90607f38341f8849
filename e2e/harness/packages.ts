/** What agents fetch: the executor and the MySQL package, both over HTTP. */
import { cacheRoot, ensureMysqlPackage } from '@cotton/setup';
import { root } from '@cotton/start';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileServer } from './file-server.ts';
import { startFileServer } from './file-server.ts';
import type { E2eOptions } from './options.ts';

const EXECUTOR = join(root, 'packages/executor/dist/cotton-executor');

export interface Installer {
  installer: 'tarball';
  uri: string;
  sha256: string;
  cache?: string;
}

export interface Packages {
  server: FileServer;
  executorUri: string;
  /** Command in the sandbox. */
  executorCommand: string;
  /** For `--installer_args`. */
  installer: Installer;
}

/** @param adapt makes another installer from the usual one */
export async function servePackages(
  options: E2eOptions,
  adapt: (usual: Installer) => Installer = (usual) => usual,
): Promise<Packages> {
  const mysql = await ensureMysqlPackage();
  const { size, mtimeMs } = await stat(EXECUTOR);
  // The fetcher caches by address and never looks again: a new build must have a new one.
  const executor = `cotton-executor-${size}-${Math.round(mtimeMs)}`;
  const archive = `mysql-${mysql.version}.tar.gz`;
  const server = await startFileServer({ [executor]: EXECUTOR, [archive]: mysql.file }, options);
  return {
    server,
    executorUri: server.url(executor),
    executorCommand: `./${executor}`,
    installer: adapt({
      installer: 'tarball',
      uri: server.url(archive),
      sha256: mysql.sha256,
      // On other machines the executor's own default serves; here nothing may be left outside of the cache.
      ...(options.target === 'local' && { cache: join(cacheRoot(), 'e2e', 'packages') }),
    }),
  };
}
