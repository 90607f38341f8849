/**
 * `bad_document`: a node holds what its codec cannot read. `too_large`: a document above its limit.
 * `not_leader`: asked for what only the leader may do. `deposed`: a write was refused because another leads now.
 * `contended`: others kept changing the same nodes. `obstructed`: somebody else's node, which we may not touch, is in the
 * way. `unseal_failed`: wrong key, wrong place or tampered.
 */
export type CoordinationErrorCode =
  'bad_document' | 'too_large' | 'not_leader' | 'deposed' | 'contended' | 'obstructed' | 'unseal_failed';

export class CoordinationError extends Error {
  override readonly name = 'CoordinationError';
  readonly code: CoordinationErrorCode;

  constructor(code: CoordinationErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
