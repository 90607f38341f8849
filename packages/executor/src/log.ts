import { pino } from 'pino';

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
  // Synchronous: the last lines before an exit are the ones somebody will look for.
  return pino(options, pino.destination({ dest: 2, sync: true }));
}
