/** The `mysql` program: where it is, and how it gets an account without anyone else seeing the password. */
import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, open, readFile, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { constants as os, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CliError } from './error.ts';
import type { Terminal } from './terminal.ts';

export interface Account {
  host: string;
  port: number;
  user: string;
  password: string;
}

/** Names a MySQL package tree; see docs/reference/cli.md. */
const MANIFEST = 'cotton-mysql.json';

/** The command line of the client: `configured` (a program or a MySQL package tree), else `mysql` on the PATH. */
export async function findMysqlClient(
  configured: string | undefined,
  env: Terminal['env'],
): Promise<string[]> {
  if (configured !== undefined && configured !== '') {
    const info = await stat(configured).catch(() => undefined);
    if (info?.isDirectory()) return treeCommand(configured);
    if (await isExecutable(configured)) return [configured];
    throw new CliError(
      'no_mysql_client',
      `COTTON_MYSQL: ${configured} is no program and no MySQL package tree`,
    );
  }
  for (const directory of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const candidate = join(directory, 'mysql');
    if (await isExecutable(candidate)) return [candidate];
  }
  throw new CliError(
    'no_mysql_client',
    'No mysql program on the PATH: install a MySQL client, or name one with COTTON_MYSQL (a program or a package tree)',
  );
}

/** A tree may bring its own dynamic loader, which then has to run the client. */
async function treeCommand(root: string): Promise<string[]> {
  const text = await readFile(join(root, MANIFEST), 'utf8').catch(() => undefined);
  if (text === undefined) return [join(root, 'bin/mysql')];
  const { command = [], bin = 'bin' } = JSON.parse(text) as { command?: string[]; bin?: string };
  const prefix = command.map((item, index) => (isPathItem(command, index) ? treePaths(root, item) : item));
  return [...prefix, join(root, bin, 'mysql')];
}

/** In a manifest's command, the loader and its library path are relative to the tree. */
function isPathItem(command: readonly string[], index: number): boolean {
  return index === 0 || command[index - 1] === '--library-path';
}

function treePaths(root: string, list: string): string {
  return list
    .split(':')
    .map((path) => join(root, path))
    .join(':');
}

async function isExecutable(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return (
    info?.isFile() === true &&
    (await access(path, constants.X_OK).then(
      () => true,
      () => false,
    ))
  );
}

/** The text of an option file for the client. Backslash sequences and quotes as MySQL's option files have them. */
export function optionFile(account: Account): string {
  const quoted = (text: string) => `"${text.replace(/[\\"\n\r\t\b]/g, (char) => ESCAPES[char] ?? char)}"`;
  return [
    '[client]',
    'protocol=tcp',
    `host=${quoted(account.host)}`,
    `port=${account.port}`,
    `user=${quoted(account.user)}`,
    `password=${quoted(account.password)}`,
    // Without TLS, caching_sha2_password needs the server's key; other vendors' clients do not know the option.
    'loose-get-server-public-key',
    '',
  ].join('\n');
}

const ESCAPES: Record<string, string> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
};

/**
 * Runs the client on this terminal and returns its exit code. The client inherits the option file as an open file
 * without a name: the password is in no argument or environment variable, and nothing is left to remove.
 */
export async function runMysql(
  command: readonly string[],
  account: Account,
  args: readonly string[],
): Promise<number> {
  const [program = '', ...prefix] = command;
  const file = await openNameless(optionFile(account));
  try {
    const child = spawn(program, [...prefix, '--defaults-file=/dev/fd/3', ...args], {
      stdio: ['inherit', 'inherit', 'inherit', file.fd],
      // A saved login path would win over the option file.
      env: { ...process.env, MYSQL_TEST_LOGIN_FILE: '/dev/null' },
    });
    return await ending(child, program);
  } finally {
    await file.close();
  }
}

/** An open file with this content that no other user can open: its name is gone before anything runs. */
async function openNameless(content: string): Promise<FileHandle> {
  const directory = await mkdtemp(join(tmpdir(), 'cotton-'));
  try {
    const path = join(directory, 'client.cnf');
    await writeFile(path, content, { mode: 0o600, flag: 'wx' });
    return await open(path, 'r');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function ending(child: ChildProcess, program: string): Promise<number> {
  const stopForwarding = forwardSignals(child.kill.bind(child));
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', (cause) =>
        reject(new CliError('no_mysql_client', `Cannot run ${program}`, { cause })),
      );
      child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? os.signals[signal] : 0)));
    });
  } finally {
    stopForwarding();
  }
}

/** Ctrl-C is the client's (it cancels a statement); the terminal sends it to both. Other endings are passed on. */
function forwardSignals(kill: (signal: NodeJS.Signals) => boolean): () => void {
  const ignore = () => undefined;
  const pass = (signal: NodeJS.Signals) => void kill(signal);
  process.on('SIGINT', ignore).on('SIGTERM', pass).on('SIGHUP', pass);
  return () => process.off('SIGINT', ignore).off('SIGTERM', pass).off('SIGHUP', pass);
}
