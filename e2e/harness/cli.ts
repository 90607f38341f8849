/** The `cotton` command, run as a user does: the built bundle, its own configuration directory. */
import { ensureMysql } from '@cotton/setup';
import { root } from '@cotton/start';
import { execa } from 'execa';
import { join } from 'node:path';

const CLI = join(root, 'packages/cli/dist/cotton-cli.mjs');
const LIMIT_MS = 170_000;

export interface CliResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export type Cotton = (args: string[], input?: string) => Promise<CliResult>;

/** @param configDir where it keeps passwords */
export async function cottonCommand(api: string, configDir: string): Promise<Cotton> {
  const { root: mysqlTree } = await ensureMysql();
  return async (args, input) => {
    const result = await execa(process.execPath, [CLI, ...args], {
      reject: false,
      timeout: LIMIT_MS,
      ...(input === undefined ? { stdin: 'ignore' } : { input }),
      env: { COTTON_API: api, XDG_CONFIG_HOME: configDir, COTTON_MYSQL: mysqlTree },
    });
    if (result.exitCode === undefined)
      throw new Error(`cotton ${args.join(' ')} did not end: ${result.shortMessage}`);
    return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
  };
}

/** @throws with what the command said, when it did not succeed */
export async function mustSucceed(result: Promise<CliResult>): Promise<string> {
  const { exitCode, stdout, stderr } = await result;
  if (exitCode !== 0) throw new Error(`cotton ended with ${exitCode}: ${stderr || stdout}`);
  return stdout;
}
