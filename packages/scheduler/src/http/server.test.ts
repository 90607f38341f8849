import { readdirSync, readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { ERRORS } from '@cotton/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../log.ts';
import { FakeService } from './fake-service.ts';
import { buildServer } from './server.ts';

let service: FakeService;
let app: FastifyInstance;
let logged = '';

beforeEach(async () => {
  service = new FakeService();
  logged = '';
  const log = createLog({ verbose: true, destination: { write: (line) => void (logged += line) } });
  app = await buildServer(service, {
    passwordMatches: () => false,
    loopbackOnly: true,
    advertise: 'db.example',
    log,
  });
});
afterEach(() => app.close());

describe('a standby', () => {
  beforeEach(() => {
    service.isLeading = false;
    service.leader = 'http://10.0.0.7:5055';
  });

  it.each([
    ['POST', '/clusters/demo?x=1'],
    ['DELETE', '/clusters/demo'],
    ['PATCH', '/clusters/demo?dry_run=true'],
    ['GET', '/clusters'],
    ['GET', '/'],
    ['GET', '/events'],
  ] as const)('sends %s %s to the leader', async (method, url) => {
    const answer = await app.inject({
      method,
      url,
      ...(method !== 'GET' && { payload: { cluster_user: 'a' } }),
    });
    expect(answer.statusCode).toBe(307);
    expect(answer.headers.location).toBe(`http://10.0.0.7:5055${url}`);
    expect(service.calls).toEqual([]);
  });

  it('says that nobody leads', async () => {
    service.leader = undefined;
    const answer = await app.inject({ method: 'POST', url: '/clusters/demo', payload: {} });
    expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([
      503,
      'no_leader',
      '2',
    ]);
    expect((await app.inject('/readyz')).statusCode).toBe(503);
  });

  it('never sends a client in circles while it takes over', async () => {
    service.leader = 'http://127.0.0.1:5055';
    const answer = await app.inject({ url: '/clusters', headers: { host: '127.0.0.1:5055' } });
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'no_leader']);
  });

  it.each(['/healthz', '/readyz', '/vars.json', '/metrics', '/openapi.json'])(
    'answers %s itself',
    async (url) => {
      expect((await app.inject(url)).statusCode).toBe(200);
    },
  );
});

describe('addresses and methods', () => {
  it.each(['/nowhere', '/clusters/a/b', '/static/app.js', '/clusters/../etc/passwd'])(
    '%s is not found',
    async (url) => {
      const answer = await app.inject(url);
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'route_not_found']);
    },
  );

  it.each([
    ['PUT', '/clusters/demo', 'DELETE, GET, HEAD, PATCH, POST'],
    ['OPTIONS', '/clusters/demo', 'DELETE, GET, HEAD, PATCH, POST'],
    ['POST', '/clusters', 'GET, HEAD'],
    ['DELETE', '/', 'GET, HEAD'],
    ['POST', '/vars.json', 'GET, HEAD'],
  ] as const)('%s %s is not allowed', async (method, url, allow) => {
    const answer = await app.inject({ method, url, headers: { 'content-type': 'text/weird' }, payload: 'x' });
    expect([answer.statusCode, answer.json().code, answer.headers.allow]).toEqual([
      405,
      'method_not_allowed',
      allow,
    ]);
  });
});

describe('browsers', () => {
  const post = (headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/clusters/demo', headers, payload: { cluster_user: 'a' } });

  it('get headers that keep the page to itself, and no CORS', async () => {
    for (const url of ['/', '/clusters', '/nowhere']) {
      const { headers } = await app.inject(url);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it.each([
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ host: '127.0.0.1:5055', origin: 'http://127.0.0.1:9999' }, 403],
    [{ host: 'rebound.example', origin: 'http://rebound.example' }, 403],
    [{ host: '127.0.0.1:5055', origin: 'http://127.0.0.1:5055' }, 200],
    [{ host: 'db.example', origin: 'http://db.example' }, 200],
    [{ host: '[::1]:5055' }, 200],
  ])('%j → %i', async (headers, status) => {
    expect((await post(headers as Record<string, string>)).statusCode).toBe(status);
    expect(service.calls).toHaveLength(status === 200 ? 1 : 0);
  });
});

describe('for operators', () => {
  it('vars.json has the names of the original', async () => {
    await app.inject({ method: 'POST', url: '/clusters/a', payload: { cluster_user: 'a', num_nodes: 3 } });
    expect((await app.inject('/vars.json')).json()).toMatchObject({
      'scheduler.cluster_count': 1,
      'scheduler.total_requested_cpus': 3,
      'scheduler.total_requested_mem_mb': 1536,
      'scheduler.total_requested_disk_mb': 6144,
      'scheduler.framework_registered': 1,
      'scheduler.tasks_lost': 1,
      'scheduler.offers_unused': 8,
    });
  });

  it('metrics are numbers', async () => {
    await app.inject({ method: 'POST', url: '/clusters/a', payload: { cluster_user: 'a' } });
    const answer = await app.inject('/metrics');
    expect(answer.headers['content-type']).toContain('text/plain');
    const lines = answer.body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of lines) expect(line).toMatch(/^[a-z_0-9]+(\{.*\})? [-+.\de]+$/i);
    expect(lines).toContain('cotton_clusters{state="CREATING"} 1');
    expect(lines).toContain('cotton_cluster_epoch{cluster="a"} 0');
    expect(answer.body).toContain(
      'cotton_http_request_duration_seconds_count{method="POST",route="/clusters/:name",status="200"} 1',
    );
    expect(answer.body).toContain('process_resident_memory_bytes');
  });

  it('openapi.json knows all routes, and the reference page shows them', async () => {
    const document = (await app.inject('/openapi.json')).json();
    expect(Object.keys(document.paths).sort()).toEqual([
      '/clusters',
      '/clusters/{name}',
      '/clusters/{name}/events',
      '/clusters/{name}/failover',
      '/clusters/{name}/hold',
      '/clusters/{name}/switchover',
      '/events',
      '/healthz',
      '/metrics',
      '/readyz',
      '/vars.json',
    ]);
    expect(Object.keys(document.paths['/clusters/{name}']).sort()).toEqual([
      'delete',
      'get',
      'patch',
      'post',
    ]);
    const page = await app.inject('/reference');
    expect(page.body).toContain('POST /clusters/{name}');
    expect(page.body).toContain('cluster_password');
    expect(page.body).not.toMatch(/<script|src=|https?:\/\//);
  });

  it('readyz waits for Mesos', async () => {
    service.isReady = false;
    const answer = await app.inject('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ ready: false, leading: true, status: 'waits for the Mesos master' });
  });
});

describe('the log', () => {
  it('never holds a secret of a request', async () => {
    const payload = { cluster_user: 'a', cluster_password: 'hunter2' };
    const headers = { authorization: 'Bearer hunter2' };
    await app.inject({ method: 'POST', url: '/clusters/demo?cluster_password=hunter2', headers, payload });
    await app.inject({ method: 'POST', url: '/clusters/demo', headers, payload });
    service.failure = new Error('broken');
    await app.inject({ method: 'DELETE', url: '/clusters/demo', headers, payload: { password: 'hunter2' } });
    expect(logged).toContain('"route":"/clusters/:name"');
    expect(logged).toContain('broken');
    expect(logged).not.toContain('hunter2');
  });
});

describe('event streams', () => {
  it('are 500 at most', async () => {
    const open = () => app.inject({ url: '/events', payloadAsStream: true });
    for (let n = 0; n < 500; n++) expect((await open()).statusCode).toBe(200);
    const answer = await app.inject('/events');
    expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([
      503,
      'too_many_streams',
      '2',
    ]);
  });
});

describe('the documentation', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

  it('docs/reference/http.md describes every route', async () => {
    await app.ready();
    const page = read('../../../../docs/reference/http.md');
    const paths = Object.entries((app.swagger() as { paths: Record<string, object> }).paths);
    for (const [path, methods] of paths)
      for (const method of Object.keys(methods))
        expect(page).toContain(`${method.toUpperCase()} ${path.replace('{name}', 'NAME')}`);
  });

  it('lists only errors that can occur', () => {
    const api = ['requests', 'transition-requests', 'fields', 'sizes'].map((name) =>
      read(`../../../api/src/${name}.ts`),
    );
    const own = readdirSync(new URL('.', import.meta.url)).filter((name) => !/test|fake/.test(name));
    const source = [...api, ...own.map((name) => read(`./${name}`))].join('\n');
    for (const code of Object.keys(ERRORS)) expect(source).toContain(`'${code}'`);
  });
});
