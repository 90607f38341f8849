/** What went wrong while preparing the real parts. Every message ends with what the reader can do. */
export type SetupErrorCode =
  | 'cache_unusable'
  | 'not_debian' // apt-get or dpkg is missing
  | 'no_mirror' // no apt source serves the suite
  | 'download_failed'
  | 'unpack_failed'
  | 'mysql_failed'
  | 'lock_failed'
  | 'zookeeper_failed';

export class SetupError extends Error {
  readonly code: SetupErrorCode;
  constructor(code: SetupErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SetupError';
    this.code = code;
  }
}
