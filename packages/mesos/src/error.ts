/**
 * Why something of this library failed:
 * - `encode`  a message lacks a required field or holds a value its type cannot carry
 * - `decode`  bytes or JSON that are not the message they should be
 * - `record`  a stream that is not RecordIO, or a record above the limit
 * - `option`  a connection or call was asked for with arguments that make no sense
 * - `resource` resource arithmetic on resources that do not allow it
 * - `http`    an answer with an unexpected status (`status` holds it)
 * - `network` no answer at all
 */
export type MesosErrorCode = 'encode' | 'decode' | 'record' | 'option' | 'resource' | 'http' | 'network';

/** The one error class of this package. */
export class MesosError extends Error {
  readonly code: MesosErrorCode;
  /** The HTTP status, where `code` is `http`. */
  readonly status: number | undefined;

  constructor(code: MesosErrorCode, message: string, options: { cause?: unknown; status?: number } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.name = 'MesosError';
    this.code = code;
    this.status = options.status;
  }
}
