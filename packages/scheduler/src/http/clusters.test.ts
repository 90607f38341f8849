import type { FastifyInstance } from 'fastify';
import { ClusterDetail, ClusterList, CreateClusterResponse, ProblemSchema } from '@cotton/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeService } from './fake-service.ts';
import { buildServer } from './server.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

const keys = (value: object) => Object.keys(value).sort();

let service: FakeService;
let app: FastifyInstance;

beforeEach(async () => {
  service = new FakeService();
  app = await buildServer(service, {
    passwordMatches: (name, password) => service.passwordMatches(name, password),
  });
});
afterEach(() => app.close());

async function create(name = 'demo', nodes = 3): Promise<void> {
  const payload = { cluster_user: 'jane', num_nodes: nodes, cluster_password: 'secret' };
  expect((await app.inject({ method: 'POST', url: `/clusters/${name}`, payload })).statusCode).toBe(200);
  service.calls.length = 0;
}

describe("the original's API, with form fields", () => {
  it('creates', async () => {
    const payload = new URLSearchParams({
      cluster_user: 'mysos',
      num_nodes: '2',
      backup_id: '',
      size: '{"mem": "512mb", "disk": "3gb", "cpus": 1.0}',
      cluster_password: 'p ä&=%',
    }).toString();
    const answer = await app.inject({
      method: 'POST',
      url: '/clusters/test_cluster3',
      headers: FORM,
      payload,
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      cluster_url: 'zk://127.0.0.1:2181/cotton/discover/test_cluster3',
      cluster_password: 'p ä&=%',
    });
    expect(service.calls).toEqual([
      {
        create: {
          name: 'test_cluster3',
          nodes: 2,
          size: { cpus: 1, memMb: 512, diskMb: 3072 },
          user: 'mysos',
          password: 'p ä&=%',
          durability: {},
          promotion: {},
          idempotencyKey: undefined,
        },
      },
    ]);
  });

  it('takes multipart forms, as curl --form sends them', async () => {
    const form = new FormData();
    form.set('cluster_user', 'mysos');
    form.set('size', '{"mem": "512mb", "disk": "3gb", "cpus": 1.0}');
    const request = new Request('http://x', { method: 'POST', body: form });
    const headers = { 'content-type': request.headers.get('content-type') as string };
    const payload = Buffer.from(await request.arrayBuffer());
    const answer = await app.inject({ method: 'POST', url: '/clusters/demo', headers, payload });
    expect(answer.statusCode).toBe(200);
    expect(service.calls).toMatchObject([{ create: { user: 'mysos', nodes: 1, size: { diskMb: 3072 } } }]);
  });

  it('deletes with the password', async () => {
    await create();
    const answer = await app.inject({
      method: 'DELETE',
      url: '/clusters/demo',
      headers: FORM,
      payload: 'password=secret',
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ cluster_url: 'zk://127.0.0.1:2181/cotton/discover/demo' });
  });
});

describe('the same with JSON', () => {
  it('answers in the published shapes', async () => {
    const payload = { cluster_user: 'jane', num_nodes: 3 };
    const headers = { 'idempotency-key': 'k-1' };
    const created = await app.inject({ method: 'POST', url: '/clusters/demo', headers, payload });
    expect(keys(created.json())).toEqual(keys(CreateClusterResponse.properties));
    expect(service.calls).toMatchObject([{ create: { idempotencyKey: 'k-1' } }]);
    const list = await app.inject('/clusters');
    expect(keys(list.json())).toEqual(keys(ClusterList.properties));
    expect(keys(list.json().clusters[0])).toEqual(keys(ClusterList.properties.clusters.items.properties));
    const one = await app.inject('/clusters/DEMO');
    expect(keys(one.json())).toEqual(keys(ClusterDetail.properties));
    expect(one.json()).toMatchObject({
      name: 'demo',
      state: 'CREATING',
      created_at: '2026-01-01T00:00:00.000Z',
    });
    expect(one.body + list.body).not.toMatch(/SEALED|generated/);
  });

  it('says at once that no agent can hold an instance', async () => {
    service.oversized = 'no agent has 64 cpus';
    const answer = await app.inject({ method: 'POST', url: '/clusters/big', payload: { cluster_user: 'a' } });
    expect(answer.json().warnings).toEqual(['no agent has 64 cpus']);
    expect((await app.inject('/clusters/big')).json().reason).toContain('no agent has 64 cpus');
  });

  it('resizes', async () => {
    await create();
    const answer = await app.inject({ method: 'PATCH', url: '/clusters/demo', payload: { num_nodes: 5 } });
    expect(answer.json()).toMatchObject({ name: 'demo', num_nodes: 5 });
    expect(service.calls).toEqual([{ change: 'demo', nodes: 5 }]);
  });

  it('shows a plan without carrying it out', async () => {
    await create();
    const url = '/clusters/demo?dry_run=true';
    const answer = await app.inject({ method: 'PATCH', url, payload: { num_nodes: 64 } });
    expect(answer.json()).toMatchObject({ dry_run: true, num_nodes: { from: 3, to: 64 } });
    expect(answer.json().add).toHaveLength(64);
    expect(service.calls).toEqual([]);
  });
});

describe('bad input gets a clear error and changes nothing', () => {
  const good = { cluster_user: 'jane' };
  const size = (override: object) => ({ ...good, size: { cpus: 1, mem: '512mb', disk: '2gb', ...override } });

  it.each([
    ['', 'invalid_cluster_name'],
    ['a'.repeat(49), 'invalid_cluster_name'],
    ['a'.repeat(9000), 'invalid_cluster_name'],
    ['..%2Fx', 'invalid_cluster_name'],
    ['%2e%2e%2fx', 'invalid_cluster_name'],
    ['d%C3%A9mo', 'invalid_cluster_name'],
    ["x';drop%20table%20users--", 'invalid_cluster_name'],
    ['$(reboot)', 'invalid_cluster_name'],
    ['a%00b', 'invalid_cluster_name'],
    ['1abc', 'invalid_cluster_name'],
    ['__proto__', 'invalid_cluster_name'],
    ['MySQL', 'reserved_cluster_name'],
    ['slaves', 'reserved_cluster_name'],
  ])('name %s', async (name, code) => {
    const answer = await app.inject({ method: 'POST', url: `/clusters/${name}`, payload: good });
    expectProblem(answer, 400, code);
  });

  it.each([
    [{}, 'invalid_user'],
    [{ cluster_user: '' }, 'invalid_user'],
    [{ cluster_user: "x'@'%" }, 'invalid_user'],
    [{ cluster_user: 'root' }, 'reserved_user'],
    [{ ...good, cluster_password: 'a\0b' }, 'invalid_password'],
    [{ ...good, cluster_password: '\ud800' }, 'invalid_password'],
    [{ ...good, cluster_password: 'x'.repeat(257) }, 'invalid_password'],
    [{ ...good, num_nodes: 0 }, 'invalid_num_nodes'],
    [{ ...good, num_nodes: -1 }, 'invalid_num_nodes'],
    [{ ...good, num_nodes: 1e9 }, 'invalid_num_nodes'],
    [{ ...good, num_nodes: '2; drop' }, 'invalid_num_nodes'],
    [size({ mem: '512' }), 'invalid_size'],
    [size({ mem: '-512mb' }), 'invalid_size'],
    [size({ cpus: -1 }), 'invalid_size'],
    [size({ mem: '1mb' }), 'size_too_small'],
    [{ ...good, backup_id: 'foo/bar' }, 'backup_store_not_configured'],
    [{ ...good, nodes: 3 }, 'unknown_field'],
    [[1], 'malformed_body'],
    [null, 'malformed_body'],
  ])('body %j', async (body, code) => {
    const headers = { 'content-type': 'application/json' };
    const payload = JSON.stringify(body);
    expectProblem(await app.inject({ method: 'POST', url: '/clusters/demo', headers, payload }), 400, code);
  });

  it.each([
    ['application/json', '{"cluster_user": ', 400, 'malformed_json'],
    ['application/json', '{"cluster_user":"a","__proto__":{}}', 400, 'unknown_field'],
    ['application/x-www-form-urlencoded', 'cluster_user=a&cluster_user=b', 400, 'malformed_body'],
    ['application/x-www-form-urlencoded', 'cluster_user=a&cluster_password=%ff%fe', 400, 'invalid_password'],
    ['multipart/form-data; boundary=x', 'rubbish', 400, 'malformed_body'],
    ['text/plain', 'cluster_user=a', 415, 'unsupported_media_type'],
    ['application/xml', '<a/>', 415, 'unsupported_media_type'],
    ['nonsense', 'x', 415, 'unsupported_media_type'],
  ])('%s %s', async (type, payload, status, code) => {
    const headers = { 'content-type': type };
    expectProblem(
      await app.inject({ method: 'POST', url: '/clusters/demo', headers, payload }),
      status,
      code,
    );
  });

  it('a body of more than 64 KiB', async () => {
    const payload = { cluster_user: 'a'.repeat(70_000) };
    const answer = await app.inject({ method: 'POST', url: '/clusters/demo', payload });
    expectProblem(answer, 413, 'body_too_large');
  });

  it('a body without content type', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/clusters/demo',
      payload: Buffer.from('cluster_user=a'),
    });
    expectProblem(answer, 415, 'unsupported_media_type');
  });

  it.each([
    ['/clusters/demo?cluster_password=x', 'password_in_url'],
    ['/clusters/demo?num_nodes=3', 'unknown_field'],
  ])('POST %s', async (url, code) => {
    expectProblem(await app.inject({ method: 'POST', url, payload: good }), 400, code);
  });

  it('an idempotency key with blanks', async () => {
    const headers = { 'idempotency-key': 'a b' };
    const answer = await app.inject({ method: 'POST', url: '/clusters/demo', headers, payload: good });
    expectProblem(answer, 400, 'invalid_idempotency_key');
  });

  it.each(['dryrun=true', 'dry_run=yes', 'dry_run=true&dry_run=true'])('PATCH ?%s', async (query) => {
    await create();
    const answer = await app.inject({
      method: 'PATCH',
      url: `/clusters/demo?${query}`,
      payload: { num_nodes: 5 },
    });
    expect(answer.statusCode).toBe(400);
    expect(service.calls).toEqual([]);
  });

  it.each([
    ['{}', 'nothing_to_change'],
    ['{"num_nodes": 0}', 'invalid_num_nodes'],
    ['{"num_nodes": 5, "size": {}}', 'unknown_field'],
  ])('PATCH %s', async (payload, code) => {
    await create();
    const headers = { 'content-type': 'application/json' };
    expectProblem(await app.inject({ method: 'PATCH', url: '/clusters/demo', headers, payload }), 400, code);
  });

  it('a malformed percent-encoding', async () => {
    expectProblem(
      await app.inject({ method: 'POST', url: '/clusters/%zz', payload: good }),
      404,
      'route_not_found',
    );
  });

  function expectProblem(answer: Awaited<ReturnType<typeof app.inject>>, status: number, code: string): void {
    expect(answer.json()).toMatchObject({ code, status });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(keys(answer.json())).toEqual(expect.arrayContaining(ProblemSchema.required ?? []));
    expect(service.calls).toEqual([]);
  }
});

describe('what the engine refuses', () => {
  it('second create, also in another case', async () => {
    await create();
    const answer = await app.inject({
      method: 'POST',
      url: '/clusters/Demo',
      payload: { cluster_user: 'a' },
    });
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'cluster_exists']);
  });

  it('wrong password', async () => {
    await create();
    const answer = await app.inject({ method: 'DELETE', url: '/clusters/demo', payload: { password: 'x' } });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'wrong_password']);
    const without = await app.inject({ method: 'DELETE', url: '/clusters/demo' });
    expect([without.statusCode, without.json().code]).toEqual([403, 'wrong_password']);
  });

  it.each(['GET', 'DELETE', 'PATCH'] as const)('%s of an unknown cluster', async (method) => {
    const payload = { GET: undefined, DELETE: { password: 'x' }, PATCH: { num_nodes: 2 } }[method];
    const answer = await app.inject({ method, url: '/clusters/nowhere', ...(payload && { payload }) });
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'cluster_not_found']);
  });

  it('everything while it is not connected', async () => {
    service.isReady = false;
    const answer = await app.inject({
      method: 'POST',
      url: '/clusters/demo',
      payload: { cluster_user: 'a' },
    });
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'not_connected']);
    expect(answer.headers['retry-after']).toBe('2');
  });

  it('another request with the same idempotency key', async () => {
    const headers = { 'idempotency-key': 'k' };
    const post = (payload: object) => app.inject({ method: 'POST', url: '/clusters/demo', headers, payload });
    const first = await post({ cluster_user: 'a', cluster_password: 'b' });
    expect((await post({ cluster_user: 'a', cluster_password: 'b' })).json()).toEqual(first.json());
    for (const other of [{ cluster_user: 'x' }, { cluster_user: 'a', cluster_password: 'x' }]) {
      const answer = await post(other);
      expect([answer.statusCode, answer.json().code]).toEqual([422, 'idempotency_key_reused']);
    }
  });

  it.each([
    ['connection_loss', 503, 'state_unavailable'],
    ['unavailable', 503, 'state_unavailable'],
    ['conflict', 409, 'conflict'],
    ['deposed', 503, 'no_leader'],
    ['corrupt_state', 500, 'internal_error'],
  ])('what its storage answers with %s', async (code, status, expected) => {
    service.failure = Object.assign(new Error('x'), { code });
    const answer = await app.inject({
      method: 'POST',
      url: '/clusters/demo',
      payload: { cluster_user: 'a' },
    });
    expect([answer.statusCode, answer.json().code]).toEqual([status, expected]);
  });

  it('and its own faults, without their text', async () => {
    service.failure = new Error('the password is hunter2');
    const answer = await app.inject({
      method: 'POST',
      url: '/clusters/demo',
      payload: { cluster_user: 'a' },
    });
    expect([answer.statusCode, answer.json().code]).toEqual([500, 'internal_error']);
    expect(answer.body).not.toContain('hunter2');
  });
});
