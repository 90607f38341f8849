import { until } from '@cotton/setup';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  calls,
  masterFinder,
  SchedulerConnection,
  type MasterFinder,
  type SchedulerConnectionEvent,
  type SchedulerEvent,
  type SchedulerOptions,
} from '../src/index.ts';
import { scriptedMaster, type EventStream, type Request, type ScriptedServer } from './scripted-server.ts';
import type { SchedulerCall } from '../src/index.ts';

const subscribed: SchedulerEvent = {
  type: 'SUBSCRIBED',
  subscribed: { frameworkId: { value: 'fw-1' }, heartbeatIntervalSeconds: 0.05 },
};
const offers: SchedulerEvent = {
  type: 'OFFERS',
  offers: {
    offers: [
      { id: { value: 'o1' }, frameworkId: { value: 'fw-1' }, agentId: { value: 'a1' }, hostname: 'żółw-🐢' },
    ],
  },
};

let master: ScriptedServer<SchedulerCall>;
let connection: SchedulerConnection | undefined;
let events: SchedulerConnectionEvent[];

beforeEach(async () => {
  events = [];
  master = await scriptedMaster().listen();
});

afterEach(async () => {
  await connection?.close();
  await master.close();
});

function connect(options: Partial<SchedulerOptions> = {}): SchedulerConnection {
  connection = new SchedulerConnection({
    master: masterFinder(master.origin),
    framework: { user: 'root', name: 'test', roles: ['eng'] },
    onEvent: (event) => events.push(event),
    maxBackoffMs: 20,
    missedHeartbeats: 100,
    ...options,
  });
  connection.start();
  return connection;
}

/** Lets the master answer SUBSCRIBE number `turn` (from 0) with a stream, other calls with 202. */
function serve(onSubscribe: (stream: EventStream, turn: number) => unknown): void {
  let turn = 0;
  master.onCall = (request) => {
    if (request.call.type !== 'SUBSCRIBE') return request.answer(202);
    const stream = request.stream({ 'mesos-stream-id': `stream-${turn}` });
    onSubscribe(stream, turn++);
  };
}

const of = <T extends SchedulerConnectionEvent['type']>(type: T) =>
  events.filter((event): event is Extract<SchedulerConnectionEvent, { type: T }> => event.type === type);
const requests = (type: SchedulerCall['type']): Request<SchedulerCall>[] =>
  master.calls.filter(({ call }) => call.type === type);

describe('subscribing', () => {
  it('reads events in any chunks, ids and text intact', async () => {
    serve(async (stream) => {
      await stream.send(subscribed, 1);
      await stream.send({ type: 'HEARTBEAT' }, 1);
      await stream.send(offers, 3);
    });
    connect();
    const [event] = await until(() => of('offers').length > 0 && of('offers'));
    expect(event?.offers[0]?.hostname).toBe('żółw-🐢');
    expect(of('subscribed')[0]).toMatchObject({
      frameworkId: 'fw-1',
      origin: master.origin,
      heartbeatIntervalMs: 50,
    });
    expect(events).toHaveLength(2);
  });

  it('comes back after a broken stream, with the id in both places and a new stream id', async () => {
    let latest: EventStream | undefined;
    serve((stream) => {
      latest = stream;
      void stream.send(subscribed);
    });
    const scheduler = connect();
    await until(() => of('subscribed').length === 1);
    latest?.breakOff();
    await until(() => of('subscribed').length === 2);
    expect(of('disconnected')).toHaveLength(1);
    const [first, second] = requests('SUBSCRIBE');
    expect(first?.call.frameworkId).toBeUndefined();
    expect(second?.call.frameworkId?.value).toBe('fw-1');
    expect(second?.call.subscribe?.frameworkInfo.id?.value).toBe('fw-1');
    expect(second?.headers).not.toHaveProperty('mesos-stream-id');
    await scheduler.call(calls.revive());
    expect(requests('REVIVE')[0]?.headers['mesos-stream-id']).toBe('stream-1');
  });

  it('does not come back once it may not', async () => {
    let latest: EventStream | undefined;
    serve((stream) => {
      latest = stream;
      void stream.send(subscribed);
    });
    let mayConnect = true;
    const scheduler = connect({ mayConnect: () => mayConnect });
    await until(() => of('subscribed').length === 1);
    mayConnect = false;
    latest?.breakOff();
    await until(() => of('disconnected').length === 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(requests('SUBSCRIBE')).toHaveLength(1);
    expect(await scheduler.call(calls.revive())).toMatchObject({ ok: false });
  });

  it('gives up a master whose heartbeats stop, in the interval it was told', async () => {
    serve((stream) => void stream.send(subscribed));
    const started = performance.now();
    connect({ missedHeartbeats: 5 });
    await until(() => of('subscribed').length === 2);
    expect(of('disconnected')[0]?.reason).toBe('no heartbeat for 250 ms');
    expect(performance.now() - started).toBeGreaterThan(240);
  });

  it('stays as long as heartbeats come', async () => {
    serve((stream) => {
      void stream.send(subscribed);
      const beat = setInterval(() => void stream.send({ type: 'HEARTBEAT' }), 30);
      void stream.closed().then(() => clearInterval(beat));
    });
    connect({ missedHeartbeats: 5 });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(events.map(({ type }) => type)).toEqual(['subscribed']);
  });

  it('follows the redirect of a standby, scheme-relative and with prefix, and tells who answered', async () => {
    const standby = await scriptedMaster().listen();
    const location = `//127.0.0.1:${master.port}/master/api/v1/scheduler`;
    standby.onCall = (request) => request.answer(307, '', { location });
    serve((stream) => void stream.send(subscribed));
    connect({ master: masterFinder(standby.origin) });
    await until(() => of('subscribed').length === 1);
    expect(of('disconnected')).toEqual([]);
    expect(of('subscribed')[0]?.origin).toBe(master.origin);
    await standby.close();
  });

  it('does not run in circles between masters that point at each other', async () => {
    master.onCall = (request) => request.answer(307, '', { location: `//127.0.0.1:${master.port}/` });
    connect({ maxBackoffMs: 5000 });
    await until(() => of('disconnected').length === 1);
    expect(of('disconnected')[0]?.reason).toContain('redirects');
    expect(master.calls.length).toBe(6);
  });

  it('tries again on 503, on 404 and on a refused connection, with growing waits', async () => {
    let turn = 0;
    master.onCall = (request) => {
      turn += 1;
      if (turn <= 2) return request.answer(turn === 1 ? 503 : 404, 'Master has not finished recovery');
      void request.stream().send(subscribed);
    };
    await master.close();
    connect({ random: () => 1, maxBackoffMs: 400 });
    await until(() => of('disconnected').length === 1);
    await master.listen();
    await until(() => of('subscribed').length === 1);
    const [refused, recovering, starting] = of('disconnected');
    expect(refused).toMatchObject({ reason: 'ECONNREFUSED', retryInMs: 200 });
    expect(recovering).toMatchObject({ reason: 'Master has not finished recovery', retryInMs: 400 });
    expect(starting?.retryInMs).toBe(400);
  });

  it.each([
    ['Framework has been removed', 'framework_removed'],
    ['Framework failed over', 'failed_over'],
    ['Not authorized to register framework  with roles { eng }', 'unauthorized'],
    ["Roles { other } are not present in the master's --roles", 'refused'],
  ])('takes 200 + ERROR %j as final: %s', async (message, reason) => {
    serve((stream) => void stream.send({ type: 'ERROR', error: { message } }).then(() => stream.end()));
    connect();
    await until(() => of('refused').length === 1);
    expect(events).toEqual([{ type: 'refused', reason, message }]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(master.calls).toHaveLength(1);
  });

  it.each([
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [400, 'refused'],
  ])('takes %i as final: %s', async (status, reason) => {
    master.onCall = (request) => request.answer(status, 'no');
    connect();
    await until(() => of('refused').length === 1);
    expect(events).toEqual([{ type: 'refused', reason, message: 'no' }]);
  });

  it('authenticates every call', async () => {
    serve((stream) => void stream.send(subscribed));
    const scheduler = connect({ credential: { principal: 'cotton', secret: 'pass:wörd' } });
    await until(() => of('subscribed').length === 1);
    await scheduler.call(calls.revive());
    const expected = `Basic ${Buffer.from('cotton:pass:wörd').toString('base64')}`;
    expect(master.calls.map(({ headers }) => headers.authorization)).toEqual([expected, expected]);
  });

  it.each([
    ['a hostile size', Buffer.from('99999999999999\n')],
    ['no size at all', Buffer.from('{"type":"OFFERS"}')],
    ['no message', Buffer.from('3\n\xff\xff\xff', 'latin1')],
  ])('drops a stream with %s and subscribes anew', async (_what, bytes) => {
    serve(async (stream, turn) => {
      await stream.send(subscribed);
      if (turn === 0) await stream.sendBytes(bytes);
    });
    connect();
    await until(() => of('subscribed').length === 2);
  });

  it('moves to a new leader, and ignores that the old one is no longer seen', async () => {
    let announce: (leader: string | undefined) => void = () => {};
    const finder: MasterFinder = {
      watch: (onLeader) => {
        announce = onLeader;
        return () => {};
      },
      close: () => Promise.resolve(),
    };
    const other = await scriptedMaster().listen();
    serve((stream) => void stream.send(subscribed));
    other.onCall = (request) => void request.stream().send(subscribed);
    connect({ master: finder });
    announce(master.origin);
    await until(() => of('subscribed').length === 1);
    announce(undefined);
    announce(master.origin);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(events).toHaveLength(1);
    announce(other.origin);
    await until(() => of('subscribed').length === 2);
    expect(other.calls[0]?.call.frameworkId?.value).toBe('fw-1');
    await connection?.close();
    await other.close();
  });
});

describe('calls', () => {
  it('travel in order on one connection that is not the stream', async () => {
    serve((stream) => void stream.send(subscribed));
    const scheduler = connect();
    await until(() => of('subscribed').length === 1);
    const subscribe = requests('SUBSCRIBE')[0] as Request<SchedulerCall>;
    let slow = true;
    master.onCall = (request) => {
      setTimeout(() => request.answer(202), slow ? 30 : 0);
      slow = !slow;
    };
    const ids = Array.from({ length: 20 }, (_, index) => `o${index}`);
    const results = await Promise.all(ids.map((id) => scheduler.call(calls.decline([id]))));
    expect(results.every(({ ok }) => ok)).toBe(true);
    const declines = requests('DECLINE');
    expect(declines.map(({ call }) => call.decline?.offerIds?.[0]?.value)).toEqual(ids);
    expect(new Set(declines.map(({ socket }) => socket)).size).toBe(1);
    expect(declines[0]?.socket).not.toBe(subscribe.socket);
    expect(declines[0]?.call.frameworkId?.value).toBe('fw-1');
  });

  it('return refusals as values', async () => {
    serve((stream) => void stream.send(subscribed));
    const scheduler = connect();
    expect(await scheduler.call(calls.revive())).toMatchObject({ ok: false, code: 'not_subscribed' });
    await until(() => of('subscribed').length === 1);
    master.onCall = (request) => request.answer(400, 'Not a valid UUID');
    expect(await scheduler.call(calls.revive())).toEqual({
      ok: false,
      code: 'rejected',
      status: 400,
      message: 'Not a valid UUID',
    });
    master.onCall = (request) => void request.socket.destroy();
    expect(await scheduler.call(calls.revive())).toMatchObject({ ok: false, code: 'no_answer' });
    await expect(scheduler.call({ type: 'MESSAGE', message: {} as never })).rejects.toMatchObject({
      code: 'encode',
    });
  });

  it('of an older subscription come to nothing', async () => {
    let first: EventStream | undefined;
    serve((stream, turn) => {
      if (turn === 0) first = stream;
      void stream.send(subscribed);
    });
    const scheduler = connect();
    await until(() => of('subscribed').length === 1);
    const answered = master.onCall;
    master.onCall = (request) => (request.call.type === 'SUBSCRIBE' ? answered(request) : undefined);
    const pending = Promise.all([scheduler.call(calls.revive()), scheduler.call(calls.suppress())]);
    await until(() => requests('REVIVE').length === 1);
    first?.end();
    expect(await pending).toMatchObject([{ code: 'not_subscribed' }, { code: 'not_subscribed' }]);
    await until(() => of('subscribed').length === 2);
    expect(requests('SUPPRESS')).toEqual([]);
  });

  it.each([
    [307, 'not here'],
    [403, 'Framework is not subscribed'],
    [404, '404 Not Found.'],
    [503, 'Master has not finished recovery'],
    // A new master took the old one's address, and nobody has told our stream.
    [400, 'Framework cannot be found'],
  ])('answered %i %j end the subscription', async (status, message) => {
    serve((stream) => void stream.send(subscribed));
    const scheduler = connect();
    await until(() => of('subscribed').length === 1);
    const subscribing = master.onCall;
    master.onCall = (request) =>
      request.call.type === 'SUBSCRIBE' ? subscribing(request) : request.answer(status, message);
    expect(await scheduler.call(calls.revive())).toMatchObject({ code: 'not_subscribed', message });
    await until(() => of('subscribed').length === 2);
  });
});

it('close ends everything and says nothing more', async () => {
  let stream: EventStream | undefined;
  serve((opened) => {
    stream = opened;
    void opened.send(subscribed);
  });
  const scheduler = connect();
  await until(() => of('subscribed').length === 1);
  await scheduler.close();
  await stream?.closed();
  expect(events).toHaveLength(1);
  expect(await scheduler.call(calls.revive())).toMatchObject({ code: 'not_subscribed' });
});
