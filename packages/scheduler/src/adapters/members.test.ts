import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { memberPort } from './members.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function obstaclesFrom(listener: RequestListener, answerMs?: number): Promise<string[]> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return memberPort(answerMs).obstacles({ hostname: '127.0.0.1', httpPort: port });
}

it.each([[[]], [['a lock', 'a long transaction']]])('tells what a primary names: %j', async (obstacles) => {
  const asked: unknown[] = [];
  const told = await obstaclesFrom((request, response) => {
    asked.push([request.method, request.url]);
    response.end(JSON.stringify({ obstacles }));
  });
  expect(told).toEqual(obstacles);
  expect(asked).toEqual([['GET', '/obstacles']]);
});

it.each<[string, RequestListener, string]>([
  [
    'that is none',
    (_, response) => response.writeHead(503).end('{"status": "not the primary"}'),
    'not the primary',
  ],
  ['that does not know', (_, response) => response.writeHead(500).end('{"status": "deadline"}'), 'deadline'],
  ['that is a stranger', (_, response) => response.end('{"obstacles": "none"}'), 'it answers 200'],
  ['that speaks no JSON', (_, response) => response.end('hello'), 'JSON'],
  ['that leads elsewhere', (_, response) => response.writeHead(302, { location: '/' }).end(), 'redirect'],
  ['that hangs up', (request) => request.socket.destroy(), 'closed'],
])('a primary %s is an obstacle', async (_, listener, reason) => {
  expect(await obstaclesFrom(listener)).toEqual([expect.stringContaining(reason)]);
});

it('a primary that does not answer is an obstacle', async () => {
  expect(await obstaclesFrom(() => undefined, 50)).toEqual([expect.stringContaining('timeout')]);
});

it('a primary that cannot be reached is an obstacle', async () => {
  await obstaclesFrom((_, response) => response.end('{"obstacles": []}'));
  const { port } = server?.address() as AddressInfo;
  await new Promise((resolve) => {
    server?.closeAllConnections();
    server?.close(resolve);
  });
  expect(await memberPort().obstacles({ hostname: '127.0.0.1', httpPort: port })).toEqual([
    expect.stringContaining('ECONNREFUSED'),
  ]);
});
