import { writeSync } from 'node:fs';
import { type DestinationStream, pino } from 'pino';

/** Structured log on standard error, which the agent keeps in the sandbox. Never holds a secret. */
export type Log = Record<'debug' | 'info' | 'warn' | 'error' | 'fatal', LogLine>;

interface LogLine {
  (fields: object, message: string): void;
  (message: string): void;
}

/** `fields` go with every line: cluster, instance, task. */
export function createLog(fields: Record<string, string> = {}): Log {
  const options = {
    base: fields,
    level: process.env.COTTON_LOG_LEVEL ?? 'info',
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.err },
  };
  return pino(options, stderr());
}

/**
 * Synchronous: the last lines before an exit are the ones somebody will look for. What cannot be written is dropped: the
 * sandbox is on a disk, often that of the volumes, and when it is full mysqld waits for room, so its executor must live.
 * pino's own destination throws then, and waits for room for ever at `fatal`.
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
