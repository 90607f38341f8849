import { readdir, readlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { unpackDebs } from './apt.ts';
import { SetupError } from './error.ts';
import { writeManifest, type MysqlManifest } from './mysql-manifest.ts';
import { addTemplate, mysqldVersion } from './mysql-template.ts';
import type { Progress } from './progress.ts';
import { librariesOf, listTree, prune, relinkAbsolute } from './tree.ts';

const PROGRAMS = ['mysql', 'mysqladmin', 'mysqlbinlog', 'mysqldump'];
const PLUGINS = 'usr/lib/mysql/plugin';
const MESSAGES = 'usr/share/mysql';

/** Builds the package tree from Debian's `sid` suite, the one that carries current MySQL. Returns the version. */
export async function buildFromDebian(root: string, progress: Progress): Promise<string> {
  progress('fetching MySQL (about 55 MB)');
  const keep = (name: string) => !/perl|^libdb5|^libgdbm/.test(name); // only scripts that nobody here runs need perl
  await unpackDebs('sid', ['mysql-server-core', 'mysql-client-core'], keep, root, progress);
  await relinkAbsolute(root);
  const loader = await findLoader(root);
  await trim(root, loader);
  const manifest: Omit<MysqlManifest, 'version' | 'template'> = {
    command: [loader, '--library-path', dirname(loader)],
    mysqld: 'usr/sbin/mysqld',
    bin: 'usr/bin',
    basedir: 'usr',
    plugins: PLUGINS,
    messages: MESSAGES,
  };
  const version = await mysqldVersion(root, manifest);
  await addTemplate(root, manifest, progress);
  await writeManifest(root, { version, ...manifest, template: 'template' });
  return version;
}

async function findLoader(root: string): Promise<string> {
  const files = await listTree(join(root, 'usr/lib'));
  const loader = files.find((path) => /^[^/]+-linux-gnu[^/]*\/ld-linux[^/]*\.so\.\d+$/.test(path));
  if (!loader)
    throw new SetupError(
      'unpack_failed',
      'the unpacked libc has no loader; remove the cache folder and try again',
    );
  return join('usr/lib', loader);
}

/** Half of the packages' files are never used by an instance, and every agent would unpack them. */
async function trim(root: string, loader: string): Promise<void> {
  await prune(root, (path) => isWanted(path, loader));
  const plugins = (await readdir(join(root, PLUGINS))).filter((name) => name.endsWith('.so'));
  const programs = [
    'usr/sbin/mysqld',
    ...PROGRAMS.map((name) => join('usr/bin', name)),
    ...plugins.map((name) => join(PLUGINS, name)),
  ].map((path) => join(root, path));
  const libraries = dirname(loader);
  const needed = await librariesOf(join(root, loader), join(root, libraries), programs);
  for (const name of [...needed]) {
    const target = await readlink(join(root, libraries, name)).catch(() => name);
    needed.add(basename(target));
  }
  await prune(join(root, libraries), (path) => needed.has(path));
}

function isWanted(path: string, loader: string): boolean {
  const clientSideOnly =
    /\/(authentication_(oci|kerberos|webauthn|openid_connect)_client|.*telemetry.*)\.so$/;
  if (path === 'usr/sbin/mysqld') return true;
  if (path.startsWith('usr/bin/')) return PROGRAMS.includes(path.slice('usr/bin/'.length));
  if (path.startsWith(`${PLUGINS}/`)) return !clientSideOnly.test(path);
  if (path.startsWith(`${MESSAGES}/`)) return /\/(english|charsets)\/|\.sql$/.test(path);
  if (path.startsWith('usr/share/doc/')) return path.endsWith('/copyright');
  return dirname(path) === dirname(loader);
}
