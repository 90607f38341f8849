import type { Log } from '@cotton/log';
import type { MysqlInstallation } from '@cotton/mysql-ops';

/** What every step of an installation may use. */
export interface InstallContext {
  /** `--installer_args` as given to the scheduler; null when there were none. */
  args: string | null;
  /** The task's sandbox (absolute): where the mesos-fetcher put what `--executor_uri` and friends named. */
  sandbox: string;
  log: Log;
  /** Aborted when the task is killed while it installs. */
  signal: AbortSignal;
}

/** A MySQL package that was found but not fetched. */
export interface PackageReference {
  /** For people; never holds credentials. */
  description: string;
  /** URL or path, in the installer's own terms. */
  location: string;
  /** SHA-256 of the package in hex, where it is known: packages are cached under it. */
  sha256?: string;
}

/** A MySQL ready to run. */
export interface InstalledPackage {
  mysql: MysqlInstallation;
  /** Variables that mysqld gets on top of the executor's own environment. */
  environment: Record<string, string>;
}

/**
 * How MySQL gets onto an agent. "Your Cotton" may bring its own: the three steps are called in this order, once for
 * each task, by several executors of one agent at the same time.
 */
export interface PackageInstaller {
  readonly name: string;
  /** Decides which package it will be; does no heavy work. */
  discover(context: InstallContext): Promise<PackageReference>;
  /** Brings the package onto this machine; returns its path. */
  fetch(reference: PackageReference, context: InstallContext): Promise<string>;
  /** Makes what was fetched runnable. */
  install(path: string, context: InstallContext): Promise<InstalledPackage>;
}

/** Runs the three steps. */
export async function installPackage(
  installer: PackageInstaller,
  context: InstallContext,
): Promise<InstalledPackage> {
  const reference = await installer.discover(context);
  context.log.info({ installer: installer.name, package: reference.description }, 'installing MySQL');
  const path = await installer.fetch(reference, context);
  const installed = await installer.install(path, context);
  context.log.info({ version: installed.mysql.version, path }, 'MySQL is installed');
  return withEnvironment(installed);
}

/** mysqld's command carries its environment, so that whoever starts it needs to know nothing of it. */
function withEnvironment({ mysql, environment }: InstalledPackage): InstalledPackage {
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  if (assignments.length === 0) return { mysql, environment };
  return { mysql: { ...mysql, mysqld: ['env', ...assignments, ...mysql.mysqld] }, environment };
}
