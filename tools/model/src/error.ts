/** no_checker: the model could not be made into a program. no_answer: the program did not do its work. */
export type ModelErrorCode = 'no_checker' | 'no_answer';

export class ModelError extends Error {
  readonly code: ModelErrorCode;
  constructor(code: ModelErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ModelError';
    this.code = code;
  }
}
