export { CliError, type CliErrorCode } from './error.ts';
export { EXIT_CODES } from './exit-codes.ts';
export { runCli } from './run.ts';
export type { Terminal } from './terminal.ts';
