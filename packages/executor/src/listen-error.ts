import { describeError, ExecutorError } from './error.ts';

/** Why `what` cannot listen: an agent with --advertise_ip may name an address that only others know it under. */
export function listenError(what: string, host: string, port: number, cause: unknown): ExecutorError {
  const isElsewhere = (cause as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL';
  const detail = `${what} cannot listen on ${host}:${port} (${describeError(cause)})`;
  return new ExecutorError(isElsewhere ? 'address_missing' : 'port_taken', detail, cause);
}
