/** Every way in which this package fails; docs/reference/errors.md lists them. */
export const MYSQL_OPS_ERRORS = {
  installation_invalid: 'the MySQL tree is not usable',
  mysql_unsuitable: 'not a MySQL server of 8.4 or later',
  memory_too_small: 'the task has less memory than MySQL and its executor need',
  config_refused: 'a setting that Cotton must own was overridden',
  volume_in_use: 'another process holds the volume',
  volume_unlockable: 'the volume cannot be locked',
  volume_foreign: 'the volume holds the data of another cluster or instance',
  volume_read_only: 'the volume cannot be written',
  volume_full: 'the volume has no space left',
  initialise_failed: 'a data directory could not be initialised',
  start_failed: 'mysqld ended before it served',
  start_stalled: 'mysqld made no progress while starting',
  unreachable: 'no connection to mysqld',
  deadline: 'the time allowed for the call is over',
  aborted: 'the caller gave the call up',
  statement_failed: 'MySQL refused a statement',
  not_read_only: 'refused on a mysqld that accepts writes',
  not_writable: 'refused on a mysqld that is read-only',
  unapplied_transactions: 'received transactions would be lost',
  applier_broken: 'the applier cannot apply what was received',
  receiver_failed: 'the receiver stopped with an error',
  relay_logs_unreadable: 'what was received cannot be read any more',
  wrong_source: 'the source is not the server it should be',
  donor_busy: 'the donor is copying its data to somebody else',
  clone_failed: 'CLONE did not complete',
  bad_account: 'the account name or password cannot be used',
  superseded: 'the step is no longer wanted',
  slice_failed: 'transactions could not be saved out of the binary logs',
} as const;

export type MysqlOpsErrorCode = keyof typeof MYSQL_OPS_ERRORS;

export interface MysqlOpsErrorOptions {
  cause?: unknown;
  /** MySQL's own error number, where there is one. */
  errno?: number;
}

export class MysqlOpsError extends Error {
  readonly code: MysqlOpsErrorCode;
  readonly errno: number | undefined;

  constructor(code: MysqlOpsErrorCode, detail: string, options: MysqlOpsErrorOptions = {}) {
    super(`${MYSQL_OPS_ERRORS[code]}: ${detail}`, { cause: options.cause });
    this.name = 'MysqlOpsError';
    this.code = code;
    this.errno = options.errno;
  }
}

/** Whether an error is ours and has one of these codes. */
export function hasCode(error: unknown, ...codes: MysqlOpsErrorCode[]): error is MysqlOpsError {
  return error instanceof MysqlOpsError && codes.includes(error.code);
}
