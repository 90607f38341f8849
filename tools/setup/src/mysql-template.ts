import { execa } from 'execa';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SetupError } from './error.ts';
import { mysqldCommand, type MysqlManifest } from './mysql-manifest.ts';
import type { Progress } from './progress.ts';
import { tied } from './tied.ts';

type Layout = Omit<MysqlManifest, 'version' | 'template'>;

/** The version a tree's mysqld reports, such as `9.7.4`. */
export async function mysqldVersion(root: string, layout: Layout): Promise<string> {
  const [program = '', ...args] = mysqldCommand(root, layout);
  const { stdout, stderr, failed } = await execa(program, [...args, '--no-defaults', '--version'], {
    reject: false,
  });
  const version = /Ver (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (failed || !version)
    throw new SetupError('mysql_failed', `the fetched mysqld does not run here: ${stderr || stdout}`);
  return version;
}

/**
 * Initialises a data directory once, as `<root>/template`, so that a first start copies instead of initialising.
 * Only what makes an instance itself is left out of it: its UUID, its binary logs and its keys.
 */
export async function addTemplate(root: string, layout: Layout, progress: Progress): Promise<void> {
  progress('initialising the MySQL data directory template');
  const template = join(root, 'template');
  const scratch = await mkdtemp(join(tmpdir(), 'cotton-template-'));
  const [program = '', ...args] = mysqldCommand(root, layout);
  const options = [
    '--no-defaults',
    '--initialize-insecure',
    `--datadir=${template}`,
    `--basedir=${join(root, layout.basedir)}`,
    `--plugin-dir=${join(root, layout.plugins)}`,
    `--lc-messages-dir=${join(root, layout.messages)}`,
    `--log-error=${join(scratch, 'error.log')}`,
    `--tmpdir=${scratch}`,
    '--secure-file-priv=NULL',
    '--disable-log-bin',
    '--mysqlx=OFF',
    '--innodb-redo-log-capacity=8M', // the least there is; mysqld resizes it at the next start
    '--innodb-fast-shutdown=0',
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ];
  try {
    const result = await execa(...tied(program, [...args, ...options]), { reject: false, timeout: 300_000 });
    if (result.failed) throw new SetupError('mysql_failed', await initialiseFailure(scratch, result.stderr));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  await removeIdentity(template);
}

async function initialiseFailure(scratch: string, stderr: string): Promise<string> {
  const log = await execa('tail', ['-n', '15', join(scratch, 'error.log')], { reject: false });
  return `mysqld could not initialise a data directory:\n${log.stdout || stderr}`;
}

async function removeIdentity(template: string): Promise<void> {
  // The doublewrite files go too: empty after a clean shutdown, made again at start.
  const identity = /^(auto\.cnf|binlog\..*|.*\.pem|.*\.log|.*\.sock(\.lock)?|ib_buffer_pool|#ib_.*\.dblwr)$/;
  for (const name of await readdir(template)) if (identity.test(name)) await rm(join(template, name));
}
