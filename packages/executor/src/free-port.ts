import { once } from 'node:events';
import { createServer } from 'node:net';
import { ExecutorError } from './error.ts';

/**
 * Looks whether mysqld will be able to listen; it would take seconds to find out, and say it less clearly.
 * @throws ExecutorError `port_taken`
 */
export async function requireFreePort(host: string, port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    throw new ExecutorError(
      'port_taken',
      `mysqld cannot listen on ${host}:${port} (${(cause as Error).message})`,
      cause,
    );
  }
  server.close();
  await once(server, 'close');
}
