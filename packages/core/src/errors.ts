/** A stored document that cannot be read. Nothing may be overwritten on its account. */
export class DocumentError extends Error {
  readonly code = 'bad_document';

  constructor(kind: string, problem: string, cause?: unknown) {
    super(`${kind} document ${problem}`, { cause });
    this.name = 'DocumentError';
  }
}
