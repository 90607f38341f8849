/** The command line: names and options only; what commands do is in `commands/`. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { remove, scale } from './commands/change.ts';
import { complete, completionScript } from './commands/completion.ts';
import { create, type CreateOptions } from './commands/create.ts';
import { mysql, type MysqlOptions } from './commands/mysql.ts';
import { resolve } from './commands/resolve.ts';
import { list, status, wait } from './commands/show.ts';
import { makeContext, type Context } from './context.ts';
import type { GlobalOptions } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { parseGoal } from './wait.ts';

const TIMEOUT_MAX_S = 24 * 3600;

/** @param done told the exit code of a program that was run on the user's behalf */
export function buildProgram(terminal: Terminal, done: (exitCode: number) => void): Command {
  const program = new Command('cotton')
    .description('MySQL clusters as a self-service on Apache Mesos')
    .option(
      '--api <urls>',
      'addresses of the schedulers, comma-separated (else COTTON_API, else config.json)',
    )
    .option('--json', 'print results as JSON')
    .addOption(new Option('--progress', 'tell progress on standard error, also where nobody sits there'))
    .addOption(new Option('--no-progress', 'tell no progress'))
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .showHelpAfterError('(cotton --help tells more)')
    .exitOverride();
  // Left out, the terminal decides.
  program.setOptionValue('progress', undefined);

  const context = () => makeContext(program.opts<GlobalOptions>(), terminal);
  addShowing(program, context);
  addChanging(program, context);
  addConnecting(program, context, done);
  addCompletion(program, context, terminal);
  return program;
}

type MakeContext = () => Promise<Context>;

function addShowing(program: Command, context: MakeContext): void {
  program
    .command('list')
    .description('all clusters')
    .action(async () => list(await context()));
  program
    .command('status <cluster>')
    .description('one cluster: a verdict and its members')
    .action(async (name: string) => status(await context(), name));
  program
    .command('wait <cluster>')
    .description('wait until a cluster is ready')
    .option('--for <goal>', 'ready, writable, deleted or the name of a state', 'ready')
    .addOption(timeout())
    .action(async (name: string, options: { for: string; timeout: number }) =>
      wait(await context(), name, { goal: parseGoal(options.for), timeoutMs: options.timeout }),
    );
}

function addChanging(program: Command, context: MakeContext): void {
  program
    .command('create <cluster>')
    .description('create a cluster; its password is kept for you')
    .requiredOption('-u, --user <name>', 'MySQL account to make')
    .option('-n, --num-nodes <count>', 'instances', '1')
    .option('--cpus <number>', 'of each instance', '1')
    .option('--mem <size>', 'of each instance, with a unit', '512mb')
    .option('--disk <size>', 'of each instance, with a unit', '2gb')
    .option('--backup-id <id>', 'backup to start from')
    .option('--password-file <path>', 'password to use, - for standard input (else one is generated)')
    .option('--idempotency-key <key>', 'repeat a creation whose answer was lost')
    .addOption(waitUntil('it is ready'))
    .addOption(timeout())
    .addOption(dryRun())
    .action(async (name: string, options: CreateOptions & { timeout: number }) =>
      create(await context(), name, { ...options, timeoutMs: options.timeout }),
    );
  program
    .command('scale <cluster> <num-nodes>')
    .description('grow or shrink a cluster')
    .addOption(waitUntil('it is ready'))
    .addOption(timeout())
    .addOption(dryRun())
    .action(async (name: string, nodes: string, options: { timeout: number }) =>
      scale(await context(), name, nodes, { ...options, timeoutMs: options.timeout }),
    );
  program
    .command('delete <cluster>')
    .description('delete a cluster and its data')
    .option('-y, --yes', 'do not ask whether it is meant')
    .addOption(passwordFile())
    .addOption(waitUntil('nothing is left'))
    .addOption(timeout())
    .addOption(dryRun())
    .action(async (name: string, options: { timeout: number }) =>
      remove(await context(), name, { ...options, timeoutMs: options.timeout }),
    );
}

function addConnecting(program: Command, context: MakeContext, done: (exitCode: number) => void): void {
  program
    .command('mysql <cluster> [mysql-options...]')
    .description('open the mysql client, read-only unless --write; options of its own follow --')
    .option('-w, --write', 'on the primary, read-write')
    .option('-m, --member <id>', 'on this member')
    .option('-e, --execute <sql>', 'run statements and end')
    .option('-D, --database <name>', 'database to use')
    .option('--user <name>', "account (else the cluster's user)")
    .addOption(passwordFile())
    .action(async (name: string, clientArgs: string[], options: MysqlOptions) =>
      done(await mysql(await context(), name, clientArgs, options)),
    );
  program
    .command('resolve <cluster>')
    .description('who is primary and replica, by ZooKeeper; a name, or a zk://… address')
    .action(async (target: string) => resolve(await context(), target));
}

function addCompletion(program: Command, context: MakeContext, terminal: Terminal): void {
  program
    .command('completion <shell>')
    .description('print the completion script for bash, zsh or fish')
    .action((shell: string) => terminal.out(`${completionScript(shell)}\n`));
  program
    .command('__complete [words...]', { hidden: true })
    .action(async (words: string[]) =>
      terminal.out((await complete(await context(), program, words)).map((word) => `${word}\n`).join('')),
    );
}

function waitUntil(what: string): Option {
  return new Option('--wait', `wait until ${what}`);
}

function dryRun(): Option {
  return new Option('--dry-run', 'say what would be done and change nothing');
}

function passwordFile(): Option {
  return new Option(
    '--password-file <path>',
    'password of the cluster, - for standard input (else the kept one)',
  );
}

/** Given in seconds, used in milliseconds. */
function timeout(): Option {
  return new Option('--timeout <seconds>', 'how long to wait').default(300_000, '300').argParser((text) => {
    const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
    if (!(seconds > 0 && seconds <= TIMEOUT_MAX_S))
      throw new InvalidArgumentError(`use seconds, more than 0 and at most ${TIMEOUT_MAX_S}`);
    return seconds * 1000;
  });
}
