/** The scheduler's process. */
import { SCHEDULER_EXIT_CODES } from '@cotton/api';
import { run } from './run.ts';

run(process.argv.slice(2), process.env).then(
  (exit) => process.exit(SCHEDULER_EXIT_CODES[exit].code),
  (error: unknown) => {
    process.stderr.write(`cotton-scheduler: ${(error as Error).stack ?? String(error)}\n`);
    process.exit(SCHEDULER_EXIT_CODES.internal.code);
  },
);
