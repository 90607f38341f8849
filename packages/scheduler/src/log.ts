import { createLog as createAnyLog, type LogOptions } from '@cotton/log';
import type { FastifyBaseLogger } from 'fastify';

export type Log = FastifyBaseLogger;

export interface SchedulerLogOptions extends Pick<LogOptions, 'destination'> {
  verbose: boolean;
}

export function createLog({ verbose, destination }: SchedulerLogOptions): Log {
  const level = verbose ? 'debug' : 'info';
  // All of pino's, which Fastify needs.
  return createAnyLog({ level, fields: { name: 'cotton-scheduler' }, destination }) as Log;
}
