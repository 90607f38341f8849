/**
 * - `corrupt_state`: stored state cannot be read; the message names the node or file. Nothing was changed.
 * - `conflict`: it was written by someone else since it was read. `deposed`: another scheduler leads now.
 *   Neither wrote anything.
 * - `unavailable`: no answer; whether the write was done is unknown, `read` tells.
 * - `too_large`: a record or control document beyond what ZooKeeper takes.
 * - `locked`: another process uses this state directory. `io`: the directory cannot be used.
 */
export type StateErrorCode =
  'corrupt_state' | 'conflict' | 'deposed' | 'unavailable' | 'too_large' | 'locked' | 'io';

export class StateError extends Error {
  override readonly name = 'StateError';
  readonly code: StateErrorCode;

  constructor(code: StateErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
