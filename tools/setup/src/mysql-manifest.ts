import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What `cotton-mysql.json` at the root of a package tree says. All paths are relative to the root. */
export interface MysqlManifest {
  version: string;
  /** Prefix to run any of the tree's programs with: its own loader and libraries. */
  command?: string[];
  mysqld: string;
  bin: string;
  basedir: string;
  plugins: string;
  messages: string;
  /** An initialised data directory without identity, to copy instead of initialising. */
  template?: string;
}

export async function writeManifest(root: string, manifest: MysqlManifest): Promise<void> {
  await writeFile(join(root, 'cotton-mysql.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The command line that starts the tree's mysqld, before its own options. */
export function mysqldCommand(root: string, manifest: Pick<MysqlManifest, 'command' | 'mysqld'>): string[] {
  const [loader, flag, libraries] = manifest.command ?? [];
  const mysqld = join(root, manifest.mysqld);
  return loader && flag && libraries ? [join(root, loader), flag, join(root, libraries), mysqld] : [mysqld];
}
