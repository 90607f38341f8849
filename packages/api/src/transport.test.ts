import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiClient } from './client.ts';
import { ApiError, toProblem } from './errors.ts';

interface Seen {
  method: string;
  path: string;
  body: string;
  headers: IncomingMessage['headers'];
}

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done)))));

/** A scripted scheduler: `answer` sees each request with its body read. */
async function scheduler(answer: (seen: Seen, response: ServerResponse, count: number) => void) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url: path = '', headers } = request;
    seen.push({ method, path, body, headers });
    response.setHeader('connection', 'close');
    answer(seen.at(-1)!, response, seen.length);
  });
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function problem(response: ServerResponse, error: ApiError): void {
  json(response, error.status, toProblem(error));
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApiError) return error;
  throw new Error(`expected an ApiError, got ${String(error)}`);
}

/** An address where nothing listens: the port was free a moment ago. */
async function deadUrl(): Promise<string> {
  const { url } = await scheduler(() => undefined);
  await new Promise((done) => servers.pop()!.close(done));
  return url;
}

describe('ApiClient', () => {
  it('follows a standby to the leader with method, body, key and credentials', async () => {
    const leader = await scheduler((_, response) => json(response, 200, { uid: 'u' }));
    const standby = await scheduler(({ path }, response) =>
      response.writeHead(307, { location: leader.url + path }).end('moved'),
    );
    const client = new ApiClient({ urls: [standby.url], auth: { token: 'T' } });
    expect(await client.create('demo', { cluster_user: 'jane' })).toEqual({ uid: 'u' });
    expect(leader.seen).toHaveLength(1);
    expect(leader.seen[0]).toMatchObject({
      method: 'POST',
      path: '/clusters/demo',
      body: '{"cluster_user":"jane"}',
    });
    expect(leader.seen[0]!.headers.authorization).toBe('Bearer T');
    expect(leader.seen[0]!.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
    expect(leader.seen[0]!.headers['idempotency-key']).toBe(standby.seen[0]!.headers['idempotency-key']);
  });

  it('asks the next address when one refuses the connection', async () => {
    const alive = await scheduler((_, response) => json(response, 200, { clusters: [] }));
    const client = new ApiClient({ urls: [await deadUrl(), alive.url], retryMs: 0 });
    expect(await client.list()).toEqual({ clusters: [] });
  });

  it('says in the end that nobody answers', async () => {
    const client = new ApiClient({ urls: [await deadUrl()], retryMs: 300 });
    expect(await failure(client.list())).toMatchObject({ code: 'unreachable', status: 0 });
  });

  it('waits for a scheduler that is not connected yet', async () => {
    const { url, seen } = await scheduler((_, response, count) =>
      count === 1
        ? problem(response, new ApiError('not_connected', 'wait'))
        : json(response, 200, { uid: 'u' }),
    );
    expect(await new ApiClient({ urls: [url] }).create('demo', { cluster_user: 'a' })).toEqual({ uid: 'u' });
    expect(seen[0]!.headers['idempotency-key']).toBe(seen[1]!.headers['idempotency-key']);
  });

  it('repeats a creation whose answer was lost, with its key', async () => {
    const { url, seen } = await scheduler((_, response, count) =>
      count === 1 ? void response.destroy() : json(response, 200, { uid: 'u' }),
    );
    expect(await new ApiClient({ urls: [url] }).create('demo', { cluster_user: 'a' })).toEqual({ uid: 'u' });
    expect(seen).toHaveLength(2);
  });

  it('hands on what the scheduler says', async () => {
    const fields = [{ field: 'num_nodes', code: 'invalid_num_nodes', message: 'no' }] as const;
    const { url, seen } = await scheduler((_, response) =>
      problem(response, new ApiError('invalid_num_nodes', 'num_nodes: no', { fields })),
    );
    const error = await failure(new ApiClient({ urls: [url] }).patch('demo', { num_nodes: 99 }));
    expect(error).toMatchObject({ code: 'invalid_num_nodes', status: 400, message: 'num_nodes: no', fields });
    expect(seen).toHaveLength(1);
  });

  it('sends the password of a deletion in the body only', async () => {
    const { url, seen } = await scheduler((_, response) => json(response, 200, { cluster_url: 'zk://h/p' }));
    await new ApiClient({ urls: [`${url}/`] }).delete('a/../b', 'pä"ss');
    expect(seen[0]).toMatchObject({
      method: 'DELETE',
      path: '/clusters/a%2F..%2Fb',
      body: '{"password":"pä\\"ss"}',
    });
  });

  it('stops at a circle of redirects', async () => {
    const circle = await scheduler(({ path }, response) => response.writeHead(307, { location: path }).end());
    const error = await failure(new ApiClient({ urls: [circle.url], retryMs: 0 }).list());
    expect(error.code).toBe('no_leader');
    expect(circle.seen.length).toBeLessThan(10);
  });

  it('does not take a stranger for a scheduler', async () => {
    const { url } = await scheduler((_, response) => response.end('<html>hello'));
    expect((await failure(new ApiClient({ urls: [url] }).list())).code).toBe('bad_response');
  });

  it('gives up when told to', async () => {
    const { url } = await scheduler(() => undefined);
    const client = new ApiClient({ urls: [url] });
    const error = await failure(client.list({ signal: AbortSignal.timeout(50) }));
    expect(error.code).toBe('aborted');
    servers.at(-1)!.closeAllConnections();
  });
});

describe('events', () => {
  const event = (n: number) => ({
    id: `p-${n}`,
    at: '2026-01-01T00:00:00.000Z',
    kind: 'state',
    cluster: 'demo',
    uid: 'u',
    epoch: 1,
    message: `HEALTHY: ${n} \u00e9`,
    transition: null,
  });
  const text = (n: number) => `event: cluster\nid: p-${n}\ndata: ${JSON.stringify(event(n))}\n\n`;

  it('are followed over the end of a stream, without missing any', async () => {
    const { url, seen } = await scheduler((_, response, count) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: change\ndata: {}\n\n: still here\n\n');
      if (count === 1) {
        const bytes = Buffer.from(text(1) + text(2));
        response.write(bytes.subarray(0, 150));
        setTimeout(() => response.end(bytes.subarray(150)), 20);
      } else response.end(`event: gap\ndata: {}\n\n${text(7)}`);
    });
    const found: unknown[] = [];
    for await (const one of new ApiClient({ urls: [url] }).events('demo', { after: 'p-0' })) {
      found.push(one);
      if (found.length === 4) break;
    }
    expect(found).toEqual([{ event: event(1) }, { event: event(2) }, 'gap', { event: event(7) }]);
    expect(seen.map(({ path, headers }) => [path, headers['last-event-id']])).toEqual([
      ['/clusters/demo/events', 'p-0'],
      ['/clusters/demo/events', 'p-2'],
    ]);
  });

  it('end when they are given up, or refused', async () => {
    const { url } = await scheduler(({ path }, response) => {
      if (path !== '/events') return problem(response, new ApiError('cluster_not_found', 'x'));
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(text(1));
    });
    const client = new ApiClient({ urls: [url] });
    const stop = new AbortController();
    const follow = async (name?: string) => {
      for await (const _ of client.events(name, { signal: stop.signal })) stop.abort();
    };
    expect((await failure(follow('nowhere'))).code).toBe('cluster_not_found');
    expect((await failure(follow())).code).toBe('aborted');
  });
});
