/** Whatever is wrong with a request: a clear error, and nothing is changed. */
import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CODES_OF } from '../harness/exit-codes.ts';
import { dumpZooKeeper } from '../harness/leftovers.ts';
import { readAgents, readLiveTasks } from '../harness/mesos-view.ts';
import { useStack } from '../harness/use-stack.ts';

const stack = useStack();
const USER = 'tenant';
const SIZE = { cpus: 0.4, mem: '512mb', disk: '1gb' };
const GOOD = { cluster_user: USER, num_nodes: 1, size: SIZE };

/** What a refused request must leave as it was. */
let before: string;
beforeAll(async () => {
  before = await worldAsText();
});
afterAll(async () => expect(await worldAsText()).toBe(before));

describe('creation over HTTP', () => {
  const NAMES: [name: string, code: string][] = [
    ['', 'invalid_cluster_name'],
    ['x'.repeat(49), 'invalid_cluster_name'],
    ['../x', 'invalid_cluster_name'],
    ['1abc', 'invalid_cluster_name'],
    ['größe', 'invalid_cluster_name'],
    ['a b', 'invalid_cluster_name'],
    ["x'; DROP TABLE y; --", 'invalid_cluster_name'],
    ['$(reboot)', 'invalid_cluster_name'],
    ['a/b', 'invalid_cluster_name'],
    ['a\u0000b', 'invalid_cluster_name'],
    ['mysql', 'reserved_cluster_name'],
    ['MySQL', 'reserved_cluster_name'],
  ];
  it.each(NAMES)('name %j', async (name, code) => {
    const path = `/clusters/${encodeURIComponent(name)}`;
    expect(await send('POST', path, GOOD)).toMatchObject({ status: 400, code });
  });

  const BODIES: [what: string, body: unknown, code: string][] = [
    ['no user', { num_nodes: 1 }, 'invalid_user'],
    ['an empty user', { ...GOOD, cluster_user: '' }, 'invalid_user'],
    ['a user that is too long', { ...GOOD, cluster_user: 'u'.repeat(33) }, 'invalid_user'],
    ['a user with a quote', { ...GOOD, cluster_user: "a'@'%" }, 'invalid_user'],
    ['the user root', { ...GOOD, cluster_user: 'root' }, 'reserved_user'],
    ['an empty password', { ...GOOD, cluster_password: '\0' }, 'invalid_password'],
    ['a password that is too long', { ...GOOD, cluster_password: 'p'.repeat(300) }, 'invalid_password'],
    ...[0, -1, 1e9, 1.5, '2; drop', [], true].map((nodes): [string, unknown, string] => [
      `num_nodes ${JSON.stringify(nodes)}`,
      { ...GOOD, num_nodes: nodes },
      'invalid_num_nodes',
    ]),
    ['a size without unit', { ...GOOD, size: { ...SIZE, mem: '512' } }, 'invalid_size'],
    ['a negative size', { ...GOOD, size: { ...SIZE, disk: '-1gb' } }, 'invalid_size'],
    ['no cpus', { ...GOOD, size: { ...SIZE, cpus: 0 } }, 'invalid_size'],
    ['a size that is no object', { ...GOOD, size: 'huge' }, 'invalid_size'],
    ['a size too small to run MySQL', { ...GOOD, size: { ...SIZE, mem: '1mb' } }, 'size_too_small'],
    ['a backup', { ...GOOD, backup_id: 'yesterday' }, 'backup_store_not_configured'],
    ['a field nobody knows', { ...GOOD, nodes: 3 }, 'unknown_field'],
    ['a list', [GOOD], 'malformed_body'],
  ];
  it.each(BODIES)('%s', async (_what, body, code) => {
    const answer = await send('POST', '/clusters/bad', body);
    expect(answer.status).toBe(400);
    expect(answer.codes).toContain(code);
    expect(answer.text).not.toContain('ppppp');
  });

  it('JSON that is none', async () => {
    expect(await sendRaw('POST', '/clusters/bad', '{"cluster_user":', 'application/json')).toMatchObject({
      status: 400,
      code: 'malformed_json',
    });
  });

  it('a content type nobody reads', async () => {
    expect(await sendRaw('POST', '/clusters/bad', '<a/>', 'application/xml')).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
    });
  });

  it('a password in the address', async () => {
    expect(await send('POST', '/clusters/bad?cluster_password=x', GOOD)).toMatchObject({
      status: 400,
      code: 'password_in_url',
    });
  });

  it('form fields are judged like JSON', async () => {
    const form = new URLSearchParams({ cluster_user: USER, num_nodes: '2; drop' }).toString();
    const answer = await sendRaw('POST', '/clusters/bad', form, 'application/x-www-form-urlencoded');
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.codes).toContain('invalid_num_nodes');
  });

  it('a body of 100 MB is refused before it is read', async () => {
    const { status, sentBytes } = await sendUntilAnswered(100 * 1024 ** 2);
    expect(status).toBe(413);
    expect(sentBytes).toBeLessThan(10 * 1024 ** 2);
    expect((await fetch(`${stack().api}/healthz`)).status).toBe(200);
  });
});

describe('a cluster that is not there', () => {
  it.each(['GET', 'PATCH', 'DELETE'])('%s', async (method) => {
    const body = method === 'PATCH' ? { num_nodes: 2 } : { password: 'x' };
    expect(await send(method, '/clusters/nothere', method === 'GET' ? undefined : body)).toMatchObject({
      status: 404,
      code: 'cluster_not_found',
    });
  });

  it('a method the address does not take', async () => {
    expect(await send('PUT', '/clusters/nothere', GOOD)).toMatchObject({
      status: 405,
      code: 'method_not_allowed',
    });
  });
});

describe('the command line', () => {
  const WRONG: [args: string[], exit: keyof typeof EXIT_CODES_OF, says: RegExp][] = [
    [['create', 'bad'], 'usage', /--user/],
    [['create', '../x', '--user', USER], 'usage', /name/i],
    [['create', 'bad', '--user', "a'b"], 'usage', /cluster_user/],
    [['create', 'bad', '--user', USER, '--num-nodes', '-1'], 'usage', /num_nodes/],
    [['create', 'bad', '--user', USER, '--num-nodes', '2; drop'], 'usage', /num_nodes/],
    [['create', 'bad', '--user', USER, '--mem', '512'], 'usage', /unit/],
    [['create', 'bad', '--user', USER, '--password-file', '/nonexistent'], 'usage', /nonexistent/],
    [['scale', 'nothere', '2'], 'not_found', /nothere/],
    [['scale', 'nothere', '0'], 'usage', /num_nodes/],
    [['status', 'nothere'], 'not_found', /nothere/],
    [['delete', 'nothere', '--yes'], 'not_found', /nothere/],
    [['resolve', 'zk://'], 'usage', /zk/],
    [['wait', 'nothere', '--for', 'nonsense'], 'usage', /nonsense/],
    [['frobnicate'], 'usage', /frobnicate/],
  ];
  it.each(WRONG)('cotton %j', async (args, exit, says) => {
    const { exitCode, stderr } = await stack().cotton(args);
    expect(stderr).toMatch(says);
    expect(exitCode).toBe(EXIT_CODES_OF[exit]);
  });
});

interface Answer {
  status: number;
  code: string;
  /** The code, and those of single fields. */
  codes: string[];
  text: string;
}

function send(method: string, path: string, body: unknown): Promise<Answer> {
  return sendRaw(method, path, body === undefined ? undefined : JSON.stringify(body), 'application/json');
}

async function sendRaw(
  method: string,
  path: string,
  body: string | undefined,
  type: string,
): Promise<Answer> {
  const request = { method, ...(body !== undefined && { body, headers: { 'content-type': type } }) };
  const answer = await fetch(stack().api + path, { ...request, redirect: 'manual' });
  const text = await answer.text();
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  const problem = JSON.parse(text) as { code: string; errors?: { code: string }[]; remedy: string };
  expect(problem.remedy).not.toBe('');
  const codes = [problem.code, ...(problem.errors ?? []).map(({ code }) => code)];
  return { status: answer.status, code: problem.code, codes, text };
}

/** Announces a huge body and sends it, piece by piece, until the server has answered. */
async function sendUntilAnswered(size: number): Promise<{ status: number; sentBytes: number }> {
  const piece = Buffer.alloc(64 * 1024, 'x');
  const request = httpRequest(`${stack().api}/clusters/bad`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': size },
  });
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  let response: IncomingMessage | undefined;
  void answered.then(([message]) => (response = message)).catch(() => undefined);
  let sentBytes = 0;
  while (!response && sentBytes < size) {
    request.write(piece);
    sentBytes += piece.length;
    await sleep(10);
  }
  const [message] = await answered;
  request.destroy();
  return { status: message.statusCode ?? 0, sentBytes };
}

/** Clusters, everything Cotton keeps in ZooKeeper, tasks and reservations. */
async function worldAsText(): Promise<string> {
  const [list, nodes, agents, tasks] = await Promise.all([
    stack().client.list(),
    dumpZooKeeper(stack()),
    readAgents(stack()),
    readLiveTasks(stack()),
  ]);
  return JSON.stringify({
    clusters: list.clusters,
    nodes: [...nodes].map(([path, data]) => [path, data.toString('base64')]),
    reserved: agents.map(({ id, reserved_resources_full }) => [id, reserved_resources_full]),
    tasks,
  });
}
