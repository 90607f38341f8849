import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { requireFreePort } from './free-port.ts';

/** An address for documentation, which no host has. */
const ELSEWHERE = '192.0.2.1';

it('an address that this host does not have is told from a port that is taken', async () => {
  await expect(requireFreePort(ELSEWHERE, 3306)).rejects.toMatchObject({
    code: 'address_missing',
    message: expect.stringContaining(`mysqld cannot listen on ${ELSEWHERE}:3306`),
  });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  await expect(requireFreePort('127.0.0.1', port)).rejects.toMatchObject({ code: 'port_taken' });
  server.close();
});
