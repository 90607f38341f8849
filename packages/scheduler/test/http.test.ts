import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeService } from '../src/http/fake-service.ts';
import { buildServer } from '../src/http/server.ts';
import { followCertificate, loadTls } from '../src/http/tls.ts';
import { createLog } from '../src/log.ts';

const MB = 1024 ** 2;

let service: FakeService;
let app: FastifyInstance;
let port: number;

beforeEach(async () => {
  service = new FakeService();
  app = await buildServer(service, { passwordMatches: () => false });
  await app.listen({ port: 0, host: '127.0.0.1' });
  port = (app.server.address() as AddressInfo).port;
});
afterEach(() => app.close());

/** Creates a cluster called demo; the answer is its uid. */
async function createDemo(): Promise<string> {
  await service.create({
    name: 'demo',
    nodes: 1,
    size: { cpus: 1, memMb: 512, diskMb: 512 },
    user: 'a',
    password: undefined,
    idempotencyKey: undefined,
    durability: {},
    promotion: {},
  });
  return service.find('demo')!.record.uid;
}

/** Sends up to `bodyMb` megabytes, as far as the server takes them. */
async function send(
  options: RequestOptions,
  bodyMb: number,
): Promise<{ status: number; body: string; sentMb: number }> {
  const chunk = Buffer.alloc(MB / 4, 0x61);
  let sent = 0;
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', path: '/clusters/demo', method: 'POST', ...options });
    outgoing.once('response', async (response) =>
      resolve({ status: response.statusCode ?? 0, body: await textOf(response), sentMb: sent / MB }),
    );
    outgoing.once('error', reject);
    const more = () => {
      while (sent < bodyMb * MB && !outgoing.destroyed) {
        sent += chunk.length;
        if (!outgoing.write(chunk)) return void outgoing.once('drain', more);
      }
      outgoing.end();
    };
    if (options.headers && 'expect' in options.headers) outgoing.once('continue', more).flushHeaders();
    else more();
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  // The server closes once the client has had its answer; what was still being sent is then cut off.
  response.on('error', () => {});
  for await (const piece of response) {
    text += piece;
    if (text.endsWith('}')) break;
  }
  return text;
}

describe('a body of 100 MB', () => {
  it('is refused by its length, and the client gets to see why', async () => {
    const headers = { 'content-type': 'application/json', 'content-length': 100 * MB };
    const { status, body, sentMb } = await send({ headers }, 100);
    expect([status, JSON.parse(body).code]).toEqual([413, 'body_too_large']);
    expect(sentMb).toBeLessThan(20);
  });

  it('is refused in chunks, too', async () => {
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const { status, body, sentMb } = await send({ headers }, 100);
    expect([status, JSON.parse(body).code]).toEqual([413, 'body_too_large']);
    expect(sentMb).toBeLessThan(20);
  });

  it('is not even sent by a client that asks first', async () => {
    const headers = {
      'content-type': 'application/json',
      'content-length': 100 * MB,
      expect: '100-continue',
    };
    const { status, sentMb } = await send({ headers }, 100);
    expect([status, sentMb]).toEqual([413, 0]);
  });

  it('does not hurt the next request of the same client', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const headers = { 'content-type': 'application/json', 'content-length': 100 * MB };
    await send({ headers, agent }, 100);
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      request({ port, host: '127.0.0.1', path: '/healthz', agent }, resolve).once('error', reject).end(),
    );
    expect(response.statusCode).toBe(200);
    response.resume();
    agent.destroy();
  });

  it('cuts off a client that never stops', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      'POST /clusters/demo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 104857600\r\n\r\n',
    );
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    await closed;
  }, 10_000);
});

it.each(['', 'GET / HT'])('closes although a client has sent only %j', async (begun) => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  socket.write(begun);
  // Its connection has been accepted once another's request is answered.
  await fetch(`http://127.0.0.1:${port}/healthz`);
  await app.close();
  await closed;
});

it('GET /events tells of changes and ends with the server', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/events`);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toBe('event: change\ndata: {}\n\n');
  service.touch();
  expect((await reader.read()).value).toBe('event: change\ndata: {}\n\n');
  await app.close();
  expect((await reader.read()).done).toBe(true);
});

describe('what happened', () => {
  const event = (cluster: string, message: string) =>
    ({ kind: 'changed', cluster, uid: 'u', epoch: 1, message, transition: null }) as const;

  /** Opens the stream; the answer reads so many of its events, as `<id> <message>`. */
  async function follow(path: string, last?: string): Promise<(count: number) => Promise<string[]>> {
    const headers: Record<string, string> = last === undefined ? {} : { 'last-event-id': last };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    return async (count) => {
      let text = '';
      const found = () =>
        [...text.matchAll(/event: (gap|cluster)\n(?:id: (.*)\n)?data: (.*)\n\n/g)].map(
          ([, kind, id, data]) => (kind === 'gap' ? 'gap' : `${id} ${JSON.parse(data ?? '').message}`),
        );
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        text += piece.value;
        if (found().length >= count) break;
      }
      await reader.cancel();
      return found();
    };
  }

  it('is told to followers, and what they missed to those who come back', async () => {
    const read = await follow('/events');
    service.events.add(event('demo', 'first'), 0);
    service.events.add(event('other', 'second'), 0);
    const [first, second] = await read(2);
    expect([first, second]).toEqual([
      expect.stringMatching(/^\S+ first$/),
      expect.stringMatching(/^\S+ second$/),
    ]);
    expect(await (await follow('/events', first?.split(' ')[0]))(1)).toEqual([second]);
    expect(await (await follow('/events', 'strange-7'))(1)).toEqual(['gap']);
  });

  it('to one cluster is told without the others, also not those of its name', async () => {
    const uid = await createDemo();
    const read = await follow('/clusters/DEMO/events');
    service.events.add(event('other', 'not mine'), 0);
    service.events.add({ ...event('demo', 'mine'), uid }, 0);
    service.events.add({ ...event('demo', 'mine, over'), uid, kind: 'deleted' }, 0);
    service.events.add(event('demo', 'of the next one'), 0);
    expect(await read(3)).toEqual([expect.stringMatching(/ mine$/), expect.stringMatching(/ mine, over$/)]);
    expect((await fetch(`http://127.0.0.1:${port}/clusters/nowhere/events`)).status).toBe(404);
  });
});

it('events that are over leave nothing behind on a connection that goes on', async () => {
  const keptAlive = new Agent({ keepAlive: true, maxSockets: 1 });
  const sockets: Socket[] = [];
  app.server.on('connection', (socket) => sockets.push(socket));
  const listeners: number[] = [];
  const uid = await createDemo();
  const path = '/clusters/demo/events';
  for (let turn = 0; turn < 3; turn++) {
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      request({ port, host: '127.0.0.1', path, agent: keptAlive }, resolve).once('error', reject).end(),
    );
    listeners.push(sockets[0]!.listenerCount('close'));
    service.events.add(
      { kind: 'deleted', cluster: 'demo', uid, epoch: 1, message: 'gone', transition: null },
      0,
    );
    await textOf(response);
  }
  keptAlive.destroy();
  expect(sockets).toHaveLength(1);
  expect(new Set(listeners).size).toBe(1);
});

it('events that wait behind others on one connection hurt nobody once they are over', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const slow = await buildServer(service, { passwordMatches: () => false });
    await slow.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect((slow.server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => {});
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`;
    const uid = await createDemo();
    socket.write(get('/events') + get('/clusters/demo/events'));
    await new Promise((resolve) => socket.once('data', resolve));
    service.events.add(
      { kind: 'deleted', cluster: 'demo', uid, epoch: 1, message: 'gone', transition: null },
      0,
    );
    // An error without a listener would end the process.
    for (let beat = 0; beat < 3; beat++) {
      vi.advanceTimersByTime(15_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.destroy();
    await slow.close();
  } finally {
    vi.useRealTimers();
  }
});

it('GET /events ends when another scheduler leads', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/events`);
  service.isLeading = false;
  service.touch();
  expect(await response.text()).toBe('event: change\ndata: {}\n\n');
});

it('a renewed certificate is used without a restart', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cotton-tls-'));
  const paths = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
  certify('first', paths);
  const secure = await buildServer(service, { passwordMatches: () => false, tls: loadTls(paths) });
  await secure.listen({ port: 0, host: '127.0.0.1' });
  const securePort = (secure.server.address() as AddressInfo).port;
  const log = createLog({ verbose: false, destination: { write: () => {} } });
  const stop = followCertificate(secure.server as never, paths, log, 50);
  try {
    expect(await subjectAt(securePort)).toBe('first');
    certify('second', paths);
    const giveUpAt = Date.now() + 10_000;
    while ((await subjectAt(securePort)) !== 'second' && Date.now() < giveUpAt)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await subjectAt(securePort)).toBe('second');
  } finally {
    stop();
    await secure.close();
    rmSync(directory, { recursive: true });
  }
});

function certify(name: string, { cert, key }: { cert: string; key: string }): void {
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
  ];
  execFileSync('openssl', [...args, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
}

function subjectAt(securePort: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port: securePort, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subject.CN as string);
      socket.end();
    });
    socket.once('error', reject);
  });
}
