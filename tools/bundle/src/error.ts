export type BundleErrorCode = 'no_entry' | 'declarations_failed' | 'executable_failed' | 'edit_failed';

export class BundleError extends Error {
  readonly code: BundleErrorCode;
  constructor(code: BundleErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'BundleError';
    this.code = code;
  }
}
