import { once } from 'node:events';
import { createServer } from 'node:net';
import { listenError } from './listen-error.ts';

/**
 * Looks whether mysqld will be able to listen; it would take seconds to find out, and say it less clearly.
 * @throws ExecutorError `port_taken`, `address_missing`
 */
export async function requireFreePort(host: string, port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    throw listenError('mysqld', host, port, cause);
  }
  server.close();
  await once(server, 'close');
}
