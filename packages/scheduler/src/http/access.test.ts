import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readAccessFile, type AccessList } from './access-list.ts';
import { FakeService } from './fake-service.ts';
import { buildServer } from './server.ts';

const FILE = `
tokens:
  - {name: ci, role: creator, token: creator-token-0123456789}
  - {name: ops, role: admin, token: admin-token-0123456789}
users:
  - {name: vera, role: viewer, password: 12345}
`;

let directory: string;
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'cotton-access-'))));
afterAll(() => rmSync(directory, { recursive: true }));

function written(text: string, mode = 0o600): string {
  const path = join(directory, 'access.yaml');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe('the access file', () => {
  it('is kept without its secrets', () => {
    const read = readAccessFile(written(FILE));
    expect(read).toMatchObject({
      value: { tokens: [{ name: 'ci' }, { name: 'ops' }], users: [{ name: 'vera' }] },
    });
    expect(JSON.stringify(read)).not.toMatch(/token-0123|12345"/);
  });

  it.each([
    ['', 'names nobody'],
    ['tokens: {', 'is not YAML'],
    ['guests: []', '"tokens" and "users" only'],
    ['tokens: [{name: a, role: admin}]', 'must have exactly'],
    ['tokens: [{name: a, role: king, token: hunter2hunter2hunter2}]', 'unknown role'],
    ['tokens: [{name: a, role: admin, token: hunter2}]', 'too short'],
    [`users: [{name: a, role: admin, password: hunter2}, {name: a, role: viewer, password: b}]`, 'is taken'],
    [`users: [{name: a, role: admin, password: hunter2, quota: 3}]`, 'must have exactly'],
  ])('%s: %s', (text, message) => {
    const read = readAccessFile(written(text));
    expect(read).toMatchObject({ wrong: expect.stringContaining(message) });
    expect(JSON.stringify(read)).not.toContain('hunter2');
  });

  it('is not for everybody to read', () =>
    expect(readAccessFile(written(FILE, 0o644))).toMatchObject({ wrong: expect.stringContaining('chmod') }));
});

describe('with access control', () => {
  const ADMIN = 'Bearer admin-token-0123456789';
  const CREATOR = 'Bearer creator-token-0123456789';
  const VIEWER = basic('vera', '12345');
  const OWNER = basic('jane', 'secret');
  const NOBODY = undefined;
  const WRONG = [
    basic('vera', '1'),
    basic('jane', 'wrong'),
    basic('mary', 'secret'),
    'Bearer x',
    'Digest x',
    'Basic !',
  ];

  let service: FakeService;
  let app: FastifyInstance;

  beforeEach(async () => {
    service = new FakeService();
    const access = (readAccessFile(written(FILE)) as { value: AccessList }).value;
    const passwordMatches = (name: string, password: string) => service.passwordMatches(name, password);
    app = await buildServer(service, { access, passwordMatches });
    const payload = { cluster_user: 'jane', cluster_password: 'secret' };
    await app.inject({ method: 'POST', url: '/clusters/demo', headers: { authorization: ADMIN }, payload });
    service.calls.length = 0;
  });
  afterEach(() => app.close());

  const statusOf = async (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    authorization?: string,
    payload?: object,
  ) =>
    (
      await app.inject({
        method,
        url,
        headers: { ...(authorization && { authorization }) },
        ...(payload && { payload }),
      })
    ).statusCode;

  it.each([
    ['GET', '/clusters', undefined, { admin: 200, creator: 200, viewer: 200, owner: 401, nobody: 401 }],
    ['GET', '/metrics', undefined, { admin: 200, creator: 200, viewer: 200, owner: 401, nobody: 401 }],
    ['GET', '/vars.json', undefined, { admin: 200, creator: 200, viewer: 200, owner: 401, nobody: 401 }],
    ['GET', '/clusters/demo', undefined, { admin: 200, creator: 200, viewer: 200, owner: 200, nobody: 401 }],
    ['GET', '/healthz', undefined, { admin: 200, creator: 200, viewer: 200, owner: 200, nobody: 200 }],
    [
      'POST',
      '/clusters/new',
      { cluster_user: 'a' },
      { admin: 200, creator: 200, viewer: 403, owner: 401, nobody: 401 },
    ],
    [
      'PATCH',
      '/clusters/demo',
      { num_nodes: 2 },
      { admin: 200, creator: 403, viewer: 403, owner: 200, nobody: 401 },
    ],
    [
      'PUT',
      '/clusters/demo/hold',
      undefined,
      { admin: 200, creator: 403, viewer: 403, owner: 200, nobody: 401 },
    ],
    [
      'DELETE',
      '/clusters/demo/hold',
      undefined,
      { admin: 200, creator: 403, viewer: 403, owner: 200, nobody: 401 },
    ],
    // Nobody was primary yet: who may ask is refused for that.
    [
      'POST',
      '/clusters/demo/switchover',
      undefined,
      { admin: 409, creator: 403, viewer: 403, owner: 409, nobody: 401 },
    ],
    [
      'POST',
      '/clusters/demo/failover',
      undefined,
      { admin: 409, creator: 403, viewer: 403, owner: 409, nobody: 401 },
    ],
    [
      'POST',
      '/clusters/demo/failover',
      { force: true, password: 'secret' },
      { admin: 409, creator: 403, viewer: 403, owner: 409, nobody: 401 },
    ],
    [
      'DELETE',
      '/clusters/demo',
      undefined,
      { admin: 200, creator: 403, viewer: 403, owner: 200, nobody: 401 },
    ],
    [
      'DELETE',
      '/clusters/demo',
      { password: 'secret' },
      { admin: 200, creator: 200, viewer: 200, owner: 200, nobody: 200 },
    ],
    [
      'DELETE',
      '/clusters/demo',
      { password: 'wrong' },
      { admin: 200, creator: 403, viewer: 403, owner: 403, nobody: 403 },
    ],
  ] as const)('%s %s %j', async (method, url, payload, expected) => {
    const senders = { admin: ADMIN, creator: CREATOR, viewer: VIEWER, owner: OWNER, nobody: NOBODY };
    for (const [who, authorization] of Object.entries(senders)) {
      const path = url === '/clusters/new' ? `${url}-${who}` : url;
      expect([who, await statusOf(method, path, authorization, payload)]).toEqual([
        who,
        expected[who as keyof typeof expected],
      ]);
    }
  });

  it('learns nothing from guessing', async () => {
    for (const authorization of WRONG) {
      expect(await statusOf('GET', '/clusters', authorization)).toBe(401);
      expect(await statusOf('GET', '/clusters/demo', authorization)).toBe(401);
      expect(await statusOf('GET', '/clusters/unknown', authorization)).toBe(401);
    }
    const guess = { password: 'guess' };
    expect(await statusOf('DELETE', '/clusters/demo', undefined, guess)).toBe(403);
    expect(await statusOf('DELETE', '/clusters/unknown', undefined, guess)).toBe(403);
    expect(service.calls).toEqual([{ delete: 'demo' }]);
  });

  it('asks who it is', async () => {
    const { headers } = await app.inject('/clusters');
    expect(headers['www-authenticate']).toEqual([
      'Bearer realm="cotton"',
      'Basic realm="cotton", charset="UTF-8"',
    ]);
  });
});

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
