import { execa } from 'execa';
import { access, readFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { MysqlOpsError } from './error.ts';

/** A MySQL that can be run. All paths are absolute. */
export interface MysqlInstallation {
  version: string;
  /** The command that starts mysqld, before its own options: its loader, where the tree brings one, and the program. */
  mysqld: string[];
  /** The command that starts one of its client programs, such as `mysqlbinlog`. */
  program(name: string): string[];
  basedir: string;
  pluginDir: string;
  messagesDir: string;
  /** An initialised data directory without identity, to copy for a first start. */
  template?: string;
}

/** `cotton-mysql.json` at the root of a package tree. All paths are relative to the root. */
interface Manifest {
  version: string;
  command?: string[];
  mysqld: string;
  bin: string;
  basedir: string;
  plugins: string;
  messages: string;
  template?: string;
}

/** MySQL's own generic tarball needs no manifest. */
const GENERIC_TARBALL: Omit<Manifest, 'version'> = {
  mysqld: 'bin/mysqld',
  bin: 'bin',
  basedir: '.',
  plugins: 'lib/plugin',
  messages: 'share',
};

/**
 * Opens an unpacked MySQL package: a tree with `cotton-mysql.json`, or MySQL's generic tarball.
 * @throws MysqlOpsError `installation_invalid`, `mysql_unsuitable`
 */
export async function openMysqlTree(root: string): Promise<MysqlInstallation> {
  const manifest = await readManifest(resolve(root));
  const at = (path: string) => join(resolve(root), path);
  const prefix = commandPrefix(manifest.command ?? [], at);
  const mysqld = [...prefix, at(manifest.mysqld)];
  const version = await requireSuitable(mysqld);
  return {
    version,
    mysqld,
    program: (name) => [...prefix, join(at(manifest.bin), name)],
    basedir: at(manifest.basedir),
    pluginDir: at(manifest.plugins),
    messagesDir: at(manifest.messages),
    template: manifest.template === undefined ? undefined : at(manifest.template),
  };
}

/**
 * Opens the `mysqld` that stands on the PATH; its directories are the ones it names itself.
 * @throws MysqlOpsError `installation_invalid` (none), `mysql_unsuitable` (MariaDB, or older than 8.4)
 */
export async function findHostMysql(path: string = process.env.PATH ?? ''): Promise<MysqlInstallation> {
  const mysqld = await firstExecutable('mysqld', path.split(delimiter));
  if (!mysqld) throw new MysqlOpsError('installation_invalid', 'no mysqld on the PATH');
  const version = await requireSuitable([mysqld]);
  const { stdout } = await execa(mysqld, ['--no-defaults', '--verbose', '--help'], { reject: false });
  const setting = (name: string) => new RegExp(`^${name} +(/.*?)/?$`, 'm').exec(stdout)?.[1] ?? '/usr';
  return {
    version,
    mysqld: [mysqld],
    program: (name) => [join(dirname(mysqld), '..', 'bin', name)],
    basedir: setting('basedir'),
    pluginDir: setting('plugin-dir'),
    messagesDir: setting('lc-messages-dir'),
  };
}

async function readManifest(root: string): Promise<Manifest> {
  const file = join(root, 'cotton-mysql.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return genericTarball(root);
  try {
    const manifest = JSON.parse(text) as Manifest;
    const { mysqld, bin, basedir, plugins, messages } = manifest;
    const paths = [mysqld, bin, basedir, plugins, messages];
    if (paths.every((path) => typeof path === 'string' && !isAbsolute(path))) return manifest;
  } catch (cause) {
    throw new MysqlOpsError('installation_invalid', `${file} is not JSON`, { cause });
  }
  throw new MysqlOpsError('installation_invalid', `${file} lacks a path, or names an absolute one`);
}

async function genericTarball(root: string): Promise<Manifest> {
  if (await isExecutable(join(root, GENERIC_TARBALL.mysqld))) return { version: '', ...GENERIC_TARBALL };
  throw new MysqlOpsError('installation_invalid', `${root} has neither cotton-mysql.json nor bin/mysqld`);
}

/** `[loader, '--library-path', 'a:b']` with its paths made absolute. */
function commandPrefix(command: string[], at: (path: string) => string): string[] {
  return command.map((item, index) => {
    if (index === 0) return at(item);
    return command[index - 1] === '--library-path' ? item.split(':').map(at).join(':') : item;
  });
}

async function requireSuitable(command: string[]): Promise<string> {
  const [program = '', ...args] = command;
  const result = await execa(program, [...args, '--no-defaults', '--version'], {
    reject: false,
    timeout: 30_000,
  });
  const [, version, major, minor] = /Ver ((\d+)\.(\d+)\.\d+)/.exec(result.stdout) ?? [];
  if (result.failed || !version) {
    throw new MysqlOpsError(
      'installation_invalid',
      `${program} does not run: ${result.stderr.slice(0, 500)}`,
      {
        cause: result,
      },
    );
  }
  if (/mariadb/i.test(result.stdout)) throw new MysqlOpsError('mysql_unsuitable', `${program} is MariaDB`);
  if (Number(major) < 8 || (Number(major) === 8 && Number(minor) < 4)) {
    throw new MysqlOpsError('mysql_unsuitable', `${program} is ${version}`);
  }
  return version;
}

async function firstExecutable(name: string, directories: string[]): Promise<string | undefined> {
  for (const directory of directories) {
    const file = join(directory, name);
    if (directory !== '' && (await isExecutable(file))) return file;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
