/** Where a password comes from. Never the command line: everyone on the machine can read that. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Context } from './context.ts';
import { CliError } from './error.ts';

export interface PasswordOptions {
  passwordFile?: string;
}

interface ClusterIdentity {
  name: string;
  uid: string;
}

/** For a cluster that exists: --password-file, else what `create` kept, else a question. @throws CliError no_password */
export async function passwordOf(
  context: Context,
  cluster: ClusterIdentity,
  options: PasswordOptions,
): Promise<string> {
  if (options.passwordFile !== undefined) return readPasswordFile(options.passwordFile);
  const kept = await context.credentials.find(context.settings.apiUrls, cluster.uid);
  if (kept) return kept.password;
  if (context.terminal.interactive) return ask(context, `Password of cluster ${cluster.name}: `);
  throw new CliError(
    'no_password',
    `The password of ${cluster.name} is not in ${context.credentials.path}; name a file with --password-file`,
  );
}

/** For a request that needs it only where nobody has to say who he is: undefined when a token says so. */
export async function optionalPassword(
  context: Context,
  cluster: ClusterIdentity,
  options: PasswordOptions,
): Promise<string | undefined> {
  if (context.settings.token !== undefined && options.passwordFile === undefined) return undefined;
  return passwordOf(context, cluster, options);
}

/** The file's text; one newline at its end is not part of the password. `-` is standard input. */
export async function readPasswordFile(path: string): Promise<string> {
  const content = path === '-' ? text(process.stdin) : readFile(path, 'utf8');
  const password = await content.catch((cause: NodeJS.ErrnoException) => {
    throw new CliError('usage', `Cannot read the password file ${path}: ${cause.code}`, { cause });
  });
  return password.replace(/\r?\n$/, '');
}

async function ask({ terminal }: Context, question: string): Promise<string> {
  try {
    return await terminal.askSecret(question);
  } catch (cause) {
    throw new CliError('interrupted', 'No password was given', { cause });
  }
}
