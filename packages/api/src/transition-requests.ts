/** Reads the bodies of `POST /clusters/<name>/switchover` and `…/failover`; every field may be left out. */
import { readDuration } from './durations.ts';
import { collect, isAbsent, readFields, type Report } from './read-fields.ts';

export interface Switchover {
  to: string | undefined;
  deadlineMs: number;
  graceMs: number;
  despiteObstacles: boolean;
  /** Only in this epoch. */
  epoch: number | undefined;
}

export interface Failover {
  to: string | undefined;
  force: boolean;
  /** '' when none was sent. */
  password: string;
  epoch: number | undefined;
}

export const SWITCHOVER_DEADLINE = { minMs: 500, maxMs: 300_000 } as const;
export const DEFAULT_SWITCHOVER_DEADLINE_MS = 10_000;
export const SWITCHOVER_GRACE = { minMs: 0, maxMs: 60_000 } as const;
/** For clients that hold up the closing; all other writers wait meanwhile. */
export const DEFAULT_SWITCHOVER_GRACE_MS = 100;

const ID_MAX_LENGTH = 100;

/** @throws ApiError listing all refused fields */
export function parseSwitchoverRequest(body: unknown): Switchover {
  const fields = readFields(body, ['to', 'deadline', 'grace', 'despite_obstacles', 'epoch']);
  return collect((report) => ({
    to: readTarget(fields.to, report),
    deadlineMs: isAbsent(fields.deadline)
      ? DEFAULT_SWITCHOVER_DEADLINE_MS
      : readBounded('deadline', fields.deadline, SWITCHOVER_DEADLINE, report),
    graceMs: isAbsent(fields.grace)
      ? DEFAULT_SWITCHOVER_GRACE_MS
      : readBounded('grace', fields.grace, SWITCHOVER_GRACE, report),
    despiteObstacles: readSwitch('despite_obstacles', fields.despite_obstacles, report),
    epoch: readEpoch(fields.epoch, report),
  }));
}

/** @throws ApiError listing all refused fields */
export function parseFailoverRequest(body: unknown): Failover {
  const fields = readFields(body, ['to', 'force', 'password', 'epoch']);
  return collect((report) => ({
    to: readTarget(fields.to, report),
    force: readSwitch('force', fields.force, report),
    password: readPassword(fields.password, report),
    epoch: readEpoch(fields.epoch, report),
  }));
}

function readTarget(input: unknown, report: Report): string | undefined {
  if (isAbsent(input)) return undefined;
  if (typeof input === 'string' && input.length <= ID_MAX_LENGTH) return input;
  report('to', 'malformed_body', 'must be the id of an instance');
  return undefined;
}

function readBounded(
  field: string,
  input: unknown,
  bounds: { minMs: number; maxMs: number },
  report: Report,
): number {
  const read = readDuration(input, bounds);
  if ('ms' in read) return read.ms;
  report(field, 'invalid_duration', read.wrong);
  return 0;
}

function readEpoch(input: unknown, report: Report): number | undefined {
  if (isAbsent(input)) return undefined;
  const isDigits = typeof input === 'string' && /^\d{1,15}$/.test(input);
  const epoch = typeof input === 'number' ? input : isDigits ? Number(input) : NaN;
  if (Number.isSafeInteger(epoch) && epoch >= 0) return epoch;
  report('epoch', 'malformed_body', 'must be a whole number from 0 up');
  return undefined;
}

function readSwitch(field: string, input: unknown, report: Report): boolean {
  if (isAbsent(input) || input === false || input === 'false') return false;
  if (input === true || input === 'true') return true;
  report(field, 'malformed_body', 'must be true or false');
  return false;
}

function readPassword(input: unknown, report: Report): string {
  if (input === undefined || typeof input === 'string') return input ?? '';
  report('password', 'invalid_password', 'must be a text');
  return '';
}
