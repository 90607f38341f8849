/** The command line: names and options only; what commands do is in `commands/`. */
import { Command, Option } from 'commander';
import { remove, scale } from './commands/change.ts';
import { complete, completionScript } from './commands/completion.ts';
import { create, type CreateOptions } from './commands/create.ts';
import { events } from './commands/events.ts';
import { mysql, type MysqlOptions } from './commands/mysql.ts';
import { resolve } from './commands/resolve.ts';
import { durability, hold, promotion, type DurabilityOptions } from './commands/preferences.ts';
import { list, status, wait } from './commands/show.ts';
import { failover, switchover, type FailoverOptions, type SwitchoverOptions } from './commands/transition.ts';
import { makeContext, type Context } from './context.ts';
import {
  acks,
  dryRun,
  heartbeatBound,
  minInSync,
  passwordFile,
  policy,
  timeout,
  waitUntil,
} from './options.ts';
import type { GlobalOptions } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { parseGoal } from './wait.ts';

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
  addTransitions(program, context);
  addPreferences(program, context);
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
    .command('events [cluster]')
    .description('follow what happens, to one cluster or to all, until interrupted')
    .option('--after <id>', 'go on after this event')
    .action(async (name: string | undefined, options: { after?: string }) =>
      events(await context(), name, options.after),
    );
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
    .addOption(acks())
    .addOption(minInSync())
    .addOption(policy())
    .addOption(heartbeatBound())
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

function addTransitions(program: Command, context: MakeContext): void {
  program
    .command('switchover <cluster>')
    .description('hand the role of the primary over to a replica, without losing a write')
    .option('--to <id>', 'to this instance (else the best one)')
    .option('--deadline <duration>', 'roll back when it is not done by then (10s)')
    .option('--grace <duration>', 'how long clients may hold up the closing (100ms)')
    .option(
      '--despite-obstacles',
      'begin also when a lock, a long transaction or a replica that is behind would likely hold it up',
    )
    .addOption(timeout())
    .addOption(dryRun())
    .action(async (name: string, options: SwitchoverOptions & { timeout: number }) =>
      switchover(await context(), name, { ...options, timeoutMs: options.timeout }),
    );
  program
    .command('failover <cluster>')
    .description('depose the primary and elect another')
    .option('--to <id>', 'prefer this instance')
    .option('--force', 'do without members that do not answer: acknowledged writes may be lost')
    .option('-y, --yes', 'do not ask whether --force is meant')
    .addOption(passwordFile())
    .addOption(timeout())
    .action(async (name: string, options: FailoverOptions & { timeout: number }) =>
      failover(await context(), name, { ...options, timeoutMs: options.timeout }),
    );
}

function addPreferences(program: Command, context: MakeContext): void {
  program
    .command('hold <cluster> [on|off]')
    .description('no automatic failover, or again')
    .action(async (name: string, word?: string) => hold(await context(), name, word));
  program
    .command('durability <cluster>')
    .description('show or change what a write waits for, and what goes first when not all can be had')
    .addOption(acks())
    .addOption(minInSync())
    .addOption(policy())
    .addOption(heartbeatBound())
    .addOption(dryRun())
    .action(async (name: string, options: DurabilityOptions & { dryRun?: boolean }) =>
      durability(await context(), name, options),
    );
  program
    .command('promotion <cluster> [instance] [preference]')
    .description('show or change who is rather promoted: prefer, neutral, avoid or never')
    .action(async (name: string, instance?: string, preference?: string) =>
      promotion(await context(), name, instance, preference),
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
