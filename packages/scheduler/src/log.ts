/** The scheduler's log: one JSON object per line on stderr. */
import { writeSync } from 'node:fs';
import { pino, stdSerializers, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

/** Keys that never reach a log, wherever in an object's first levels they stand. */
const SECRET_KEYS = [
  'authorization',
  'cluster_password',
  'password',
  'proxy-authorization',
  'schedulerKey',
  'sealedSecrets',
  'secret',
  'token',
];

export interface LogOptions {
  verbose: boolean;
  /** Default: stderr. */
  destination?: DestinationStream;
}

/** Fixed keys: `cluster`, `instance`, `task`, `agent`, `offer`, `epoch`. */
export function createLog({ verbose, destination = stderr() }: LogOptions): Log {
  return pino(
    {
      level: verbose ? 'debug' : 'info',
      base: { name: 'cotton-scheduler' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Requests are logged by route and status only: addresses, headers and bodies may hold secrets.
      serializers: { err: stdSerializers.err, req: () => undefined, res: () => undefined },
      redact: {
        paths: SECRET_KEYS.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.*["${key}"]`]),
        censor: '[secret]',
      },
    },
    destination,
  );
}

/**
 * What cannot be written is dropped: a full disk under the log must not end the scheduler. pino's own destination throws
 * then, and waits for room for ever at an exit.
 */
function stderr(): DestinationStream {
  let isTorn = false;
  return {
    write(line) {
      let rest = Buffer.from(isTorn ? `\n${line}` : line);
      try {
        while (rest.length > 0) {
          rest = rest.subarray(writeSync(2, rest));
          isTorn = rest.length > 0;
        }
      } catch {
        // Whom should it be told?
      }
    },
  };
}
