import { until } from '@cotton/setup';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ExecutorConnection,
  type ExecutorCall,
  type ExecutorConnectionEvent,
  type ExecutorEnvironment,
  type ExecutorEvent,
  type TaskInfo,
} from '../src/index.ts';
import { scriptedAgent, type EventStream, type Request, type ScriptedServer } from './scripted-server.ts';

const task: TaskInfo = { name: 't1', taskId: { value: 't1' }, agentId: { value: 'a1' } };
const subscribed: ExecutorEvent = {
  type: 'SUBSCRIBED',
  subscribed: {
    executorInfo: { executorId: { value: 'ex' } },
    frameworkInfo: { user: 'root', name: 'test' },
    agentInfo: { hostname: 'localhost' },
  },
};

let agent: ScriptedServer<ExecutorCall>;
let connection: ExecutorConnection;
let events: ExecutorConnectionEvent[];
let streams: EventStream[];

beforeEach(async () => {
  events = [];
  streams = [];
  agent = await scriptedAgent().listen();
  agent.onCall = serve;
});

afterEach(async () => {
  await connection.close();
  await agent.close();
});

/** As an agent does: SUBSCRIBED on a new stream, 202 for the rest. */
function serve(request: Request<ExecutorCall>): void {
  if (request.call.type !== 'SUBSCRIBE') return request.answer(202);
  const stream = request.stream();
  streams.push(stream);
  void stream.send(subscribed);
}

function connect(environment: Partial<ExecutorEnvironment> = {}): ExecutorConnection {
  connection = new ExecutorConnection({
    environment: {
      agent: agent.origin,
      frameworkId: 'fw',
      executorId: 'ex',
      agentId: 'a1',
      sandbox: '/sandbox',
      checkpoint: true,
      recoveryTimeoutMs: 5000,
      subscriptionBackoffMaxMs: 80,
      shutdownGracePeriodMs: 5000,
      ...environment,
    },
    onEvent: (event) => events.push(event),
  });
  connection.start();
  return connection;
}

const of = <T extends ExecutorConnectionEvent['type']>(type: T) =>
  events.filter((event): event is Extract<ExecutorConnectionEvent, { type: T }> => event.type === type);
const requests = (type: ExecutorCall['type']) => agent.calls.filter(({ call }) => call.type === type);
const latest = (): EventStream => streams.at(-1) as EventStream;
const subscriptions = (count: number) => until(() => of('subscribed').length === count);

async function acknowledge(uuid: Uint8Array): Promise<void> {
  const before = of('acknowledged').length;
  await latest().send({ type: 'ACKNOWLEDGED', acknowledged: { taskId: { value: 't1' }, uuid } });
  await until(() => of('acknowledged').length > before);
}

describe('an executor', () => {
  it('gets its events in order, from any chunks', async () => {
    connect();
    await subscriptions(1);
    await latest().send({ type: 'LAUNCH', launch: { task } }, 1);
    await latest().send({
      type: 'KILL',
      kill: { taskId: { value: 't1' }, killPolicy: { gracePeriod: { nanoseconds: 3_000_000_000n } } },
    });
    await latest().send({ type: 'MESSAGE', message: { data: Buffer.from([0, 255, 1, 128]) } }, 2);
    await latest().send({ type: 'SHUTDOWN' });
    await until(() => of('shutdown').length === 1);
    expect(events.map(({ type }) => type)).toEqual(['subscribed', 'launch', 'kill', 'message', 'shutdown']);
    expect(of('kill')[0]).toEqual({ type: 'kill', taskId: 't1', gracePeriodMs: 3000 });
    expect([...(of('message')[0]?.data ?? [])]).toEqual([0, 255, 1, 128]);
  });

  it('reports updates in order, complete and with a version 4 uuid', async () => {
    const executor = connect();
    await subscriptions(1);
    const states = ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED'] as const;
    const uuids = states.map((state) => executor.update({ taskId: 't1', state, message: 'so far' }));
    await until(() => requests('UPDATE').length === 3);
    const sent = requests('UPDATE').map(({ call }) => call.update?.status);
    expect(sent.map((status) => status?.state)).toEqual(states);
    expect(sent[0]).toMatchObject({
      taskId: { value: 't1' },
      executorId: { value: 'ex' },
      source: 'SOURCE_EXECUTOR',
      message: 'so far',
    });
    expect(sent.map((status) => Buffer.from(status?.uuid ?? []).toString('hex'))).toEqual(
      uuids.map((uuid) => Buffer.from(uuid).toString('hex')),
    );
    for (const uuid of uuids) expect((uuid[6] as number) >> 4).toBe(4);
    expect(new Set(requests('UPDATE').map(({ socket }) => socket)).size).toBe(1);
  });

  it('resends what is not acknowledged, and the task until its first acknowledgement', async () => {
    const executor = connect();
    await subscriptions(1);
    expect(requests('SUBSCRIBE')[0]?.call.subscribe).toEqual({});
    await latest().send({ type: 'LAUNCH', launch: { task } });
    await until(() => of('launch').length === 1);
    latest().breakOff();
    await subscriptions(2);
    expect(requests('SUBSCRIBE')[1]?.call.subscribe?.unacknowledgedTasks).toEqual([task]);

    const first = executor.update({ taskId: 't1', state: 'TASK_STARTING' });
    const second = executor.update({ taskId: 't1', state: 'TASK_RUNNING' });
    await acknowledge(first);
    latest().breakOff();
    await subscriptions(3);
    const { unacknowledgedTasks, unacknowledgedUpdates = [] } =
      requests('SUBSCRIBE')[2]?.call.subscribe ?? {};
    expect(unacknowledgedTasks).toBeUndefined();
    expect(unacknowledgedUpdates.map(({ status }) => status.state)).toEqual(['TASK_RUNNING']);

    expect(await executor.flushed(50)).toBe(false);
    const flushed = executor.flushed(2000);
    await acknowledge(second);
    expect(await flushed).toBe(true);
    latest().breakOff();
    await subscriptions(4);
    expect(requests('SUBSCRIBE')[3]?.call.subscribe).toEqual({});
  });

  it('loses no update made while the agent is away or just answering', async () => {
    let answer: (() => void) | undefined;
    agent.onCall = (request) => {
      if (request.call.type !== 'SUBSCRIBE') return request.answer(202);
      answer = () => serve(request);
    };
    const executor = connect();
    await until(() => answer);
    executor.update({ taskId: 't1', state: 'TASK_RUNNING' });
    answer?.();
    await until(() => requests('UPDATE').length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(requests('UPDATE')).toHaveLength(1);
  });

  it('subscribes again when an update was not taken, and says it there', async () => {
    const executor = connect();
    await subscriptions(1);
    agent.onCall = (request) =>
      request.call.type === 'UPDATE'
        ? request.answer(503, 'Agent has not finished recovery')
        : serve(request);
    executor.update({ taskId: 't1', state: 'TASK_RUNNING' });
    await subscriptions(2);
    expect(of('disconnected')[0]?.reason).toBe('an update was not taken: Agent has not finished recovery');
    expect(requests('SUBSCRIBE')[1]?.call.subscribe?.unacknowledgedUpdates).toHaveLength(1);
  });

  it('drops an update that is invalid, and says so', async () => {
    const executor = connect();
    await subscriptions(1);
    agent.onCall = (request) => request.answer(400, 'Not a valid UUID');
    executor.update({ taskId: 't1', state: 'TASK_RUNNING' });
    await until(() => of('update_rejected').length === 1);
    expect(await executor.flushed(0)).toBe(true);
  });

  it('comes through the agent’s restart: refused, 404, 503, then back', async () => {
    connect();
    await subscriptions(1);
    await agent.close();
    await until(() => of('disconnected').length >= 2);
    let turn = 0;
    agent.onCall = (request) => {
      turn += 1;
      if (turn === 1) return request.answer(404, '404 Not Found.');
      if (turn === 2) return request.answer(503, 'Agent has not finished recovery');
      serve(request);
    };
    await agent.listen();
    await subscriptions(2);
    const reasons = of('disconnected').map(({ reason }) => reason);
    expect(reasons).toContain('ECONNREFUSED');
    expect(reasons.slice(-2)).toEqual(['404 Not Found.', 'Agent has not finished recovery']);
    for (const { retryInMs } of of('disconnected')) expect(retryInMs).toBeLessThanOrEqual(20);
  });

  it('ends on 400: the agent has another identity now', async () => {
    agent.onCall = (request) => request.answer(400, 'Framework cannot be found');
    connect();
    await until(() => of('rejected').length === 1);
    expect(events).toEqual([{ type: 'rejected', message: 'Framework cannot be found' }]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(agent.calls).toHaveLength(1);
  });

  it('is lost when the agent stays away beyond the recovery timeout', async () => {
    connect({ recoveryTimeoutMs: 150 });
    await subscriptions(1);
    await agent.close();
    const gone = performance.now();
    await until(() => of('lost').length === 1);
    expect(performance.now() - gone).toBeGreaterThan(120);
    expect(events.at(-1)).toEqual({ type: 'lost', reason: 'no agent for 150 ms' });
  });

  it('is lost at once without checkpointing', async () => {
    connect({ checkpoint: false });
    await subscriptions(1);
    latest().breakOff();
    await until(() => of('lost').length === 1);
    expect(of('disconnected')).toEqual([]);
  });

  it('sends its token and messages', async () => {
    const executor = connect({ authenticationToken: 'abc' });
    expect(await executor.message(Buffer.from('early'))).toBe(false);
    await subscriptions(1);
    expect(await executor.message(Buffer.from('hello'))).toBe(true);
    expect(agent.calls.map(({ headers }) => headers.authorization)).toEqual(['Bearer abc', 'Bearer abc']);
    expect(Buffer.from(requests('MESSAGE')[0]?.call.message?.data ?? []).toString()).toBe('hello');
  });
});
