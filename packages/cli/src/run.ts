import { ApiError } from '@cotton/api';
import { CommanderError } from 'commander';
import { CliError } from './error.ts';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import { buildProgram } from './program.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { printable } from './text.ts';

/** Runs one command line (without the program's name); the exit code. Never throws for what a user can cause. */
export async function runCli(
  argv: readonly string[],
  terminal: Terminal = processTerminal(),
): Promise<number> {
  let exitCode: number = EXIT_CODES.ok.code;
  const program = buildProgram(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(withDashes(argv), { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? EXIT_CODES.ok.code : EXIT_CODES.usage.code;
    if (!(error instanceof CliError) && !(error instanceof ApiError)) throw error;
    report(error, argv.includes('--json'), terminal);
    return exitCodeOf(error);
  }
}

function report(error: CliError | ApiError, asJson: boolean, terminal: Terminal): void {
  const { code, message } = error;
  if (asJson) return terminal.err(`${JSON.stringify({ error: { code, message } })}\n`);
  terminal.err(`cotton: ${printable(message)} (${code})\n`);
}

/** Option names may be written as Mesos writes flags, with underscores: `--dry_run`. */
function withDashes(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((arg, index) => {
    const isOption = /^--[a-z][a-z0-9_-]*(=|$)/.test(arg) && (end < 0 || index < end);
    if (!isOption) return arg;
    const [name = '', ...value] = arg.split('=');
    return [name.replaceAll('_', '-'), ...value].join('=');
  });
}
