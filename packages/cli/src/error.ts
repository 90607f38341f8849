import type { ExitName } from './exit-codes.ts';

export type CliErrorCode =
  | 'usage'
  | 'bad_settings'
  | 'bad_credentials_file'
  | 'no_password'
  | 'no_member'
  | 'no_mysql_client'
  | 'zookeeper'
  | 'timeout'
  | 'rolled_back'
  | 'not_found'
  | 'interrupted';

/** The package's error. The message is for the person at the terminal and holds no secret. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;
  readonly exit: ExitName;

  constructor(code: CliErrorCode, message: string, options: { exit?: ExitName; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.exit = options.exit ?? DEFAULT_EXIT[code];
  }
}

const DEFAULT_EXIT: Record<CliErrorCode, ExitName> = {
  usage: 'usage',
  bad_settings: 'usage',
  bad_credentials_file: 'usage',
  no_password: 'refused',
  no_member: 'not_found',
  no_mysql_client: 'usage',
  zookeeper: 'unreachable',
  timeout: 'timeout',
  rolled_back: 'not_possible',
  not_found: 'not_found',
  interrupted: 'interrupted',
};
