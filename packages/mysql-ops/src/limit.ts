import { MysqlOpsError } from './error.ts';

/**
 * How long a call may take and what may end it earlier. A call that runs into either throws `deadline` or `aborted`;
 * what it asked mysqld for may still happen.
 */
export interface Limit {
  deadlineMs: number;
  signal?: AbortSignal;
}

/** Counts one deadline down over the several steps of a call. */
export interface Countdown {
  /** What is left, as a limit for one step. @throws MysqlOpsError `deadline` or `aborted` when nothing is. */
  left(): Limit;
  /** Waits, but never past the deadline. */
  pause(ms: number): Promise<void>;
}

export function countdown(limit: Limit): Countdown {
  const endsAt = performance.now() + limit.deadlineMs;
  const left = (): Limit => {
    if (limit.signal?.aborted) throw aborted(limit.signal);
    const deadlineMs = endsAt - performance.now();
    if (deadlineMs <= 0) throw new MysqlOpsError('deadline', `${limit.deadlineMs} ms`);
    return { deadlineMs, signal: limit.signal };
  };
  return { left, pause: (ms) => sleep(Math.min(ms, left().deadlineMs), limit.signal) };
}

export function aborted(signal: AbortSignal): MysqlOpsError {
  return new MysqlOpsError('aborted', 'by its caller', { cause: signal.reason });
}

/** Waits, or throws `aborted`. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(signal));
    const onAbort = () => {
      clearTimeout(timer);
      reject(aborted(signal as AbortSignal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Ends the wait for `work` at the limit; the work itself goes on. */
export async function within<T>(limit: Limit, work: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const signal = limit.signal ? AbortSignal.any([limit.signal, stop.signal]) : stop.signal;
  const expiry = sleep(limit.deadlineMs, signal).then(() => {
    throw new MysqlOpsError('deadline', `${limit.deadlineMs} ms`);
  });
  try {
    return await Promise.race([work, expiry]);
  } finally {
    stop.abort();
    expiry.catch(() => undefined);
  }
}
