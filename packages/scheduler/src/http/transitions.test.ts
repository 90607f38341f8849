import { ClusterDetail, TransitionStarted } from '@cotton/api';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeService } from './fake-service.ts';
import { buildServer } from './server.ts';

const keys = (value: object) => Object.keys(value).sort();

let service: FakeService;
let app: FastifyInstance;

beforeEach(async () => {
  service = new FakeService();
  app = await buildServer(service, {
    passwordMatches: (name, password) => service.passwordMatches(name, password),
  });
  const payload = { cluster_user: 'jane', num_nodes: 3, cluster_password: 'secret' };
  await app.inject({ method: 'POST', url: '/clusters/demo', payload });
  service.serve('demo');
  service.calls.length = 0;
});
afterEach(() => app.close());

async function ask(
  method: 'POST' | 'PUT' | 'DELETE' | 'PATCH',
  url: string,
  payload?: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await app.inject({ method, url: `/clusters/${url}`, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.json() };
}

describe('POST …/switchover', () => {
  it('begins, and names the transition under which the cluster tells of it', async () => {
    const { status, body } = await ask('POST', 'demo/switchover', { to: 'demo-2', deadline: '5s', epoch: 1 });
    expect(status).toBe(202);
    expect(keys(body)).toEqual(keys(TransitionStarted.properties));
    expect(body).toMatchObject({ name: 'demo', from: 'demo-0', to: 'demo-2', epoch: 1 });
    expect(service.calls).toEqual([
      {
        switchOver: 'demo',
        to: 'demo-2',
        deadlineMs: 5_000,
        graceMs: 100,
        despiteObstacles: false,
        epoch: 1,
      },
    ]);
    const cluster = (await app.inject('/clusters/demo')).json();
    expect(cluster).toMatchObject({
      state: 'SWITCHING',
      in_progress: { id: body.transition, kind: 'switchover', outcome: 'running', ended_at: null },
    });
    expect(keys(cluster.in_progress)).toEqual(keys(ClusterDetail.properties.in_progress.anyOf[0].properties));
  });

  it('takes a request without a body, and form fields', async () => {
    expect((await ask('POST', 'demo/switchover')).status).toBe(202);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await app.inject({
      method: 'POST',
      url: '/clusters/demo/switchover',
      headers: form,
      payload: 'to=demo-1&deadline=5s',
    });
    expect(answer.json()).toMatchObject({ code: 'switchover_refused' });
  });

  it('only shows who would take over', async () => {
    expect(await ask('POST', 'demo/switchover?dry_run=true', {})).toEqual({
      status: 200,
      body: { dry_run: true, from: 'demo-0', to: 'demo-1' },
    });
    expect(service.calls).toEqual([]);
  });

  it.each([
    ['demo', { to: 'demo-0' }, 409, 'switchover_refused', 'demo-0 is the primary already'],
    ['demo', { to: 'demo-9' }, 404, 'member_not_found', 'demo-9'],
    ['demo', { epoch: 2 }, 409, 'conflict', 'epoch 1, not in 2'],
    ['demo', { deadline: '1ms' }, 400, 'invalid_duration', 'deadline'],
    ['demo', { target: 'demo-1' }, 400, 'unknown_field', 'target'],
    ['nowhere', {}, 404, 'cluster_not_found', 'nowhere'],
  ])('%s %j is refused', async (name, payload, status, code, detail) => {
    const answer = await ask('POST', `${name}/switchover`, payload);
    expect(answer).toMatchObject({ status, body: { code, detail: expect.stringContaining(detail) } });
    expect((await app.inject('/clusters/demo')).json().in_progress).toBeNull();
  });
});

describe('POST …/failover', () => {
  it('deposes the primary', async () => {
    const { status, body } = await ask('POST', 'demo/failover', { to: 'demo-1' });
    expect(status).toBe(202);
    expect(body).toMatchObject({ epoch: 2, from: 'demo-0', to: null });
    const cluster = (await app.inject('/clusters/demo')).json();
    expect(cluster).toMatchObject({
      primary: null,
      in_progress: { id: body.transition, kind: 'failover', cause: 'an operator asked for it' },
    });
  });

  it('wants the password for force', async () => {
    for (const payload of [{ force: true }, { force: true, password: 'wrong' }])
      expect(await ask('POST', 'demo/failover', payload)).toMatchObject({
        status: 403,
        body: { code: 'wrong_password' },
      });
    expect(service.calls).toEqual([]);
    expect((await ask('POST', 'demo/failover', { force: true, password: 'secret' })).status).toBe(202);
    expect(JSON.stringify(service.calls)).not.toContain('secret');
  });

  it('is refused before there was a primary', async () => {
    await app.inject({ method: 'POST', url: '/clusters/new', payload: { cluster_user: 'a' } });
    expect(await ask('POST', 'new/failover', {})).toMatchObject({
      status: 409,
      body: { code: 'failover_refused' },
    });
  });
});

describe('…/hold', () => {
  it('is switched on and off, as often as one likes', async () => {
    for (const method of ['PUT', 'PUT', 'DELETE', 'DELETE'] as const)
      expect(await ask(method, 'demo/hold')).toMatchObject({ status: 200, body: { hold: method === 'PUT' } });
  });
});

describe('PATCH', () => {
  it('changes durability and preferences, and leaves the rest as it is', async () => {
    const payload = {
      durability: { min_in_sync: 1, heartbeat_bound: '5s' },
      promotion: { 'demo-2': 'never' },
    };
    expect(await ask('PATCH', 'demo', payload)).toMatchObject({
      status: 200,
      body: {
        num_nodes: 3,
        durability: { acks: null, acks_wanted: 1, min_in_sync: 1, policy: 'lossless', heartbeat_bound: '5s' },
        promotion: { 'demo-2': 'never' },
      },
    });
  });

  it('shows what would change', async () => {
    const payload = { durability: { policy: 'unsafe_available' } };
    const { body } = await ask('PATCH', 'demo?dry_run=true', payload);
    expect(body).toMatchObject({ dry_run: true, num_nodes: { from: 3, to: 3 }, add: [], remove: [] });
    expect(body.steps).toEqual([expect.stringContaining('unsafe_available')]);
    expect(service.calls).toEqual([]);
  });

  it('knows the members', async () => {
    const wrong = { promotion: { 'demo-7': 'never' } };
    for (const url of ['demo', 'demo?dry_run=true'])
      expect(await ask('PATCH', url, wrong)).toMatchObject({
        status: 404,
        body: { code: 'member_not_found' },
      });
  });
});

describe('the audit', () => {
  it('lists what is over, newest first', async () => {
    await ask('POST', 'demo/failover', {});
    service.finish('demo');
    const { transitions, in_progress } = (await app.inject('/clusters/demo')).json();
    expect(in_progress).toBeNull();
    expect(transitions).toMatchObject([
      {
        kind: 'failover',
        outcome: 'ok',
        from: 'demo-0',
        to: 'demo-1',
        steps: [{ step: 'deposed' }, { step: 'elected' }, { step: 'opened' }],
      },
      { kind: 'formation' },
    ]);
  });
});
