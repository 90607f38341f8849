import { pino, stdSerializers } from 'pino';
import { type Destination, stderr } from './stderr.ts';

/** Structured log: one JSON object a line. Never holds a secret. An error stands under `err`. */
export type Log = Record<'debug' | 'info' | 'warn' | 'error' | 'fatal', LogLine>;

interface LogLine {
  (fields: object, message: string): void;
  (message: string): void;
}

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
  /** The least that is written: `debug`, `info`, and so on. */
  level: string;
  /** They go with every line. */
  fields?: Readonly<Record<string, string>>;
  /** Default: stderr. */
  destination?: Destination;
}

/** Fixed keys: `cluster`, `instance`, `task`, `agent`, `offer`, `epoch`. It is a logger of pino's. */
export function createLog({ level, fields = {}, destination = stderr() }: LogOptions): Log {
  return pino(
    {
      level,
      base: fields,
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
