/** Every way in which an executor gives up. */
export const EXECUTOR_ERRORS = {
  bad_environment: 'the environment is not that of a Mesos executor',
  bad_task: 'the task cannot be carried out',
  bad_installer_args: '--installer_args cannot be used',
  package_missing: 'the MySQL package could not be fetched',
  package_damaged: 'the MySQL package is not what it should be',
  package_unusable: 'the MySQL package cannot be used',
  volume_missing: 'the task has no persistent volume',
  volume_unusable: 'the persistent volume cannot be used',
  port_taken: 'a port of this task is in use',
  address_missing: 'the address that the agent advertises is not on this host',
  epoch_file_damaged: 'the epoch file in the volume cannot be read',
  mysqld_keeps_failing: 'mysqld could not be kept running',
} as const;

export type ExecutorErrorCode = keyof typeof EXECUTOR_ERRORS;

/** The one error class of this package. The message says what happened and what to do about it. */
export class ExecutorError extends Error {
  readonly code: ExecutorErrorCode;

  constructor(code: ExecutorErrorCode, detail: string, cause?: unknown) {
    super(`${EXECUTOR_ERRORS[code]}: ${detail}`, { cause });
    this.name = 'ExecutorError';
    this.code = code;
  }
}

/** What people should read of any thrown value. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
