/** What is known before a command starts: command line, environment, configuration file, in this order. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from './error.ts';
import type { Terminal } from './terminal.ts';

/** Options of every command. */
export interface GlobalOptions {
  api?: string;
  json?: boolean;
  progress?: boolean;
}

export interface Settings {
  /** Base addresses of the schedulers, without a trailing slash. */
  apiUrls: string[];
  token: string | undefined;
  /** The mysql client: a program, or a MySQL package tree. */
  mysql: string | undefined;
  directory: string;
}

interface ConfigFile {
  api?: string | string[];
  token_file?: string;
  mysql?: string;
}

const KNOWN_KEYS = ['api', 'token_file', 'mysql'];
const TOKEN_MAX_LENGTH = 4096;

export async function readSettings(options: GlobalOptions, terminal: Terminal): Promise<Settings> {
  const directory = configDirectory(terminal);
  const file = await readConfigFile(join(directory, 'config.json'));
  return {
    apiUrls: parseApiUrls(options.api ?? terminal.env.COTTON_API ?? file.api ?? []),
    token: file.token_file === undefined ? undefined : await readToken(file.token_file),
    mysql: terminal.env.COTTON_MYSQL ?? file.mysql,
    directory,
  };
}

export function configDirectory({ env, home }: Pick<Terminal, 'env' | 'home'>): string {
  return join(env.XDG_CONFIG_HOME || join(home, '.config'), 'cotton');
}

/** `http://a:1,http://b:1` or a list of them. @throws CliError usage */
export function parseApiUrls(input: string | string[]): string[] {
  const texts = (Array.isArray(input) ? input : input.split(',')).map((text) => text.trim()).filter(Boolean);
  return texts.map((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !['http:', 'https:'].includes(url.protocol))
      throw new CliError('usage', `Not a scheduler's address: ${JSON.stringify(text)} (http://host:port)`);
    if (url.username || url.password)
      throw new CliError(
        'usage',
        "A scheduler's address must not hold credentials; use token_file in config.json",
      );
    return (url.origin + url.pathname).replace(/\/+$/, '');
  });
}

async function readConfigFile(path: string): Promise<ConfigFile> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '{}';
    throw new CliError('bad_settings', `Cannot read ${path}: ${cause.code}`, { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CliError('bad_settings', `${path} is not JSON`, { cause });
  }
  const problem = configProblem(value);
  if (problem) throw new CliError('bad_settings', `${path}: ${problem}`);
  return value as ConfigFile;
}

function configProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be a JSON object';
  const { api, token_file, mysql, ...rest } = value as Record<string, unknown>;
  const stranger = Object.keys(rest)[0];
  if (stranger !== undefined) return `unknown key "${stranger}" (known: ${KNOWN_KEYS.join(', ')})`;
  const isApi =
    typeof api === 'string' || (Array.isArray(api) && api.every((url) => typeof url === 'string'));
  if (api !== undefined && !isApi) return 'api must be an address or a list of addresses';
  if (token_file !== undefined && typeof token_file !== 'string') return 'token_file must be a path';
  if (mysql !== undefined && typeof mysql !== 'string') return 'mysql must be a path';
  return undefined;
}

async function readToken(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new CliError('bad_settings', `Cannot read token_file ${path}: ${cause.code}`, { cause });
  });
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token) || token.length > TOKEN_MAX_LENGTH)
    throw new CliError('bad_settings', `${path} does not hold one token`);
  return token;
}
