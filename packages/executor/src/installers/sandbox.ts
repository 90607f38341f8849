import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstallContext, PackageInstaller } from '../installer.ts';
import { noopInstaller } from './noop.ts';
import { tarballInstaller } from './tarball.ts';
import { digestOf } from './unpack.ts';

const MANIFEST = 'cotton-mysql.json';
const ARCHIVE = /^mysql-.*\.tar(\.gz)?$/;

/**
 * Without `--installer_args`: a package that the mesos-fetcher left in the sandbox, unpacked or not, else the host's
 * MySQL.
 */
export async function installerForSandbox({ sandbox, signal }: InstallContext): Promise<PackageInstaller> {
  const names = await readdir(sandbox);
  if (names.includes(MANIFEST)) return tarballInstaller({ uri: sandbox });
  const archive = names.filter((name) => ARCHIVE.test(name)).sort()[0];
  if (archive === undefined) return noopInstaller;
  const path = join(sandbox, archive);
  return tarballInstaller({ uri: path, sha256: await digestOf(path, signal) });
}
