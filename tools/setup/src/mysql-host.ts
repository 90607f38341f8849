import { execa } from 'execa';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeManifest } from './mysql-manifest.ts';
import { addTemplate } from './mysql-template.ts';
import { findOnPath } from './path.ts';
import type { Progress } from './progress.ts';

const CLIENTS = ['mysql', 'mysqladmin', 'mysqlbinlog', 'mysqldump'];

export interface HostMysqld {
  program: string;
  version: string;
}

/** A MySQL (not MariaDB) server of 8.4 or later on the PATH. */
export async function hostMysqld(): Promise<HostMysqld | undefined> {
  const program = await findOnPath('mysqld');
  if (!program) return undefined;
  const { stdout } = await execa(program, ['--no-defaults', '--version'], { reject: false });
  const [, version, major, minor] = /Ver ((\d+)\.(\d+)\.\d+)/.exec(stdout) ?? [];
  if (!version || /mariadb/i.test(stdout)) return undefined;
  const isRecent = Number(major) > 8 || (Number(major) === 8 && Number(minor) >= 4);
  return isRecent ? { program, version } : undefined;
}

/**
 * Builds a tree of small scripts that run the host's own MySQL where it is. The scripts give the host's directories
 * last, so that they win over the tree's, which are empty.
 */
export async function buildFromHost(host: HostMysqld, root: string, progress: Progress): Promise<string> {
  progress(`using the MySQL ${host.version} on the PATH (${host.program})`);
  const directories = await hostDirectories(host.program);
  const layout = { mysqld: 'bin/mysqld', bin: 'bin', basedir: '.', plugins: 'lib', messages: 'share' };
  for (const dir of [layout.bin, layout.plugins, layout.messages])
    await mkdir(join(root, dir), { recursive: true });
  await writeScript(join(root, layout.mysqld), `exec "${host.program}" "$@" ${directories.join(' ')}`);
  for (const client of CLIENTS) {
    const program = await findOnPath(client, dirname(host.program));
    if (program) await writeScript(join(root, layout.bin, client), `exec "${program}" "$@"`);
  }
  await addTemplate(root, layout, progress);
  await writeManifest(root, { version: host.version, ...layout, template: 'template' });
  return host.version;
}

async function hostDirectories(program: string): Promise<string[]> {
  const { stdout } = await execa(program, ['--no-defaults', '--verbose', '--help'], { reject: false });
  return ['basedir', 'plugin-dir', 'lc-messages-dir'].flatMap((name) => {
    const value = new RegExp(`^${name} +(/.*)$`, 'm').exec(stdout)?.[1];
    return value ? [`--${name}="${value}"`] : [];
  });
}

async function writeScript(file: string, line: string): Promise<void> {
  await writeFile(file, `#!/bin/sh\n${line}\n`);
  await chmod(file, 0o755);
}
