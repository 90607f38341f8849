/** How `cotton` ends; docs/reference/cli.md lists the same. */
import { ApiError, type ErrorCode } from '@cotton/api';
import { CliError } from './error.ts';

export const EXIT_CODES = {
  ok: { code: 0, meaning: 'Done.' },
  failed: { code: 1, meaning: 'Failed; the message says why.' },
  usage: {
    code: 2,
    meaning: 'The command line, a file it names, a setting or the request is wrong; nothing was changed.',
  },
  not_found: { code: 3, meaning: 'No such cluster, member or discovery path.' },
  timeout: { code: 4, meaning: 'The time given with `--timeout` was up.' },
  refused: { code: 5, meaning: 'Wrong or missing password or token, or not allowed.' },
  unreachable: { code: 6, meaning: 'No scheduler (or ZooKeeper) answered, or none leads.' },
  conflict: { code: 7, meaning: 'A cluster of that name exists, or it is being deleted.' },
  not_possible: {
    code: 8,
    meaning:
      'The state of the cluster does not allow it: a switchover or failover was refused, or a switchover was rolled back.',
  },
  interrupted: { code: 130, meaning: 'Interrupted.' },
} as const;

export type ExitName = keyof typeof EXIT_CODES;

const BY_API_CODE: Partial<Record<ErrorCode | 'unreachable' | 'aborted', ExitName>> = {
  cluster_not_found: 'not_found',
  member_not_found: 'not_found',
  switchover_refused: 'not_possible',
  failover_refused: 'not_possible',
  wrong_password: 'refused',
  unauthorised: 'refused',
  forbidden: 'refused',
  cluster_exists: 'conflict',
  cluster_deleting: 'conflict',
  conflict: 'conflict',
  unreachable: 'unreachable',
  not_connected: 'unreachable',
  too_many_streams: 'unreachable',
  no_leader: 'unreachable',
  state_unavailable: 'unreachable',
  aborted: 'interrupted',
};

export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return EXIT_CODES[error.exit].code;
  if (!(error instanceof ApiError)) return EXIT_CODES.failed.code;
  const name = BY_API_CODE[error.code as keyof typeof BY_API_CODE];
  if (name) return EXIT_CODES[name].code;
  // The remaining refusals of a request (400, 413, 422 …) are about what was typed.
  return error.status >= 400 && error.status < 500 ? EXIT_CODES.usage.code : EXIT_CODES.failed.code;
}
