import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the kernel's ephemeral ports: no outgoing connection can sit on the port while its owner restarts. */
const FIRST = 20_000;
const LAST = 30_999;
const ATTEMPTS = 100;

function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** A port nobody listens on at the moment. */
export async function freePort(host: string): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST, LAST + 1);
    if (await isFree(host, port)) return port;
  }
  throw new Error(`no free port on ${host} among ${ATTEMPTS} tried`);
}
