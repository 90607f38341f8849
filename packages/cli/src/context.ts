/** What every command works with. */
import { ApiClient } from '@cotton/api';
import { CredentialStore } from './credentials.ts';
import { CliError } from './error.ts';
import { readSettings, type GlobalOptions, type Settings } from './settings.ts';
import type { Terminal } from './terminal.ts';

export interface Context {
  terminal: Terminal;
  settings: Settings;
  credentials: CredentialStore;
  json: boolean;
  /** The client; asked for only by commands that need a scheduler. @throws CliError where none is known */
  api(): ApiClient;
  /** Prints a result: as JSON with --json, else as text. */
  print(value: unknown, text: string): void;
  /** Says how long work goes on, on standard error, where someone wants to know. */
  progress(line: string): void;
}

export async function makeContext(options: GlobalOptions, terminal: Terminal): Promise<Context> {
  const settings = await readSettings(options, terminal);
  const json = options.json ?? false;
  const showsProgress = options.progress ?? terminal.interactive;
  return {
    terminal,
    settings,
    credentials: new CredentialStore(settings.directory),
    json,
    api: () => makeClient(settings),
    print: (value, text) => terminal.out(json ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`),
    progress: (line) => {
      if (showsProgress) terminal.err(`${line}\n`);
    },
  };
}

/** @param retryMs see ApiClient */
export function makeClient({ apiUrls, token }: Settings, retryMs?: number): ApiClient {
  if (apiUrls.length === 0)
    throw new CliError(
      'usage',
      'No scheduler is known: use --api http://host:port, COTTON_API or config.json',
    );
  return new ApiClient({
    urls: apiUrls,
    ...(token === undefined ? {} : { auth: { token } }),
    ...(retryMs === undefined ? {} : { retryMs }),
  });
}
