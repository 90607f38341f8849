import type { MasterInfo, SchedulerConnection, SchedulerConnectionEvent } from '@cotton/mesos';
import { masterCall, masterResponse } from '@cotton/mesos';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { mesosPort } from './adapters/mesos.ts';
import { closeEngines, Kept } from './engine/testing-kept.ts';
import { offerOf, settled } from './engine/testing.ts';
import type { MesosEventsDeps } from './mesos-events.ts';
import { MesosEvents } from './mesos-events.ts';
import { RefusedByMesosError } from './mesos/refusal.ts';
import { SchedulerService } from './service.ts';

const STORED_ID = 'F1';
const ORIGIN = 'http://10.0.0.1:5050';
const OFFER = offerOf(1);
const RESCIND = { type: 'rescind', offerId: OFFER.id.value } as const;
const OFFERS = { type: 'offers', offers: [OFFER] } as const satisfies SchedulerConnectionEvent;
const LOST = { type: 'disconnected', reason: 'no heartbeat', retryInMs: 200 } as const;
const REFUSED = { type: 'refused', reason: 'failed_over', message: 'Framework failed over' } as const;
const KILLED = { state: 'TASK_KILLED', source: 'SOURCE_EXECUTOR' } as const;
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

function subscribed(frameworkId = STORED_ID, origin = ORIGIN, master?: MasterInfo): SchedulerConnectionEvent {
  return { type: 'subscribed', frameworkId, origin, master, heartbeatIntervalMs: 15_000 };
}

/** `told`: what was asked of the engine, the state and the adapter, in this order. */
function listening(over: Partial<MesosEventsDeps> = {}) {
  const told: string[] = [];
  const fatal: unknown[] = [];
  const idStored = Promise.withResolvers<void>();
  const service = new SchedulerService({ servers: 'zk1:2181', path: '/cotton' }, 'http://own:1');
  const events = new MesosEvents({
    engine: {
      subscribed: () => void told.push('subscribed'),
      disconnected: () => void told.push('disconnected'),
      offers: (offers) => void told.push(`offers ${offers.map(({ id }) => id.value).join()}`),
      rescind: (offerId) => void told.push(`rescind ${offerId}`),
      taskUpdate: async ({ taskId }) => void told.push(`update ${taskId.value}`),
      agentLost: (agentId) => void told.push(`agent lost ${agentId}`),
      records: () => [],
    },
    mesos: { master: (address) => void told.push(`master ${address}`), isStandIn: async () => true },
    state: {
      frameworkId: STORED_ID,
      saveFrameworkId(id) {
        told.push(`save ${id}`);
        return idStored.promise;
      },
    },
    service,
    log: SILENT,
    isLeader: () => true,
    onFatal: (error) => fatal.push(error),
    ...over,
  });
  return { events, told, fatal, idStored, service };
}

let server: Server | undefined;
afterEach(() => {
  closeEngines();
  server?.closeAllConnections();
  server?.close();
});

describe('a subscription', () => {
  it('reaches the engine at once: offers follow within milliseconds', () => {
    const { events, told } = listening();
    events.handle(subscribed('F2'));
    expect(told).toEqual(['save F2', `master ${ORIGIN}`, 'subscribed']);
  });

  it('is shown, with the stand-in that a master says it is', async () => {
    const { events, told, service } = listening();
    events.handle(subscribed());
    await settled();
    expect(told).not.toContainEqual(expect.stringContaining('save'));
    expect(service.status()).toBe('subscribed with the Mesos master');
    expect(service.mesos).toEqual({ master: '10.0.0.1:5050', frameworkId: STORED_ID });
    expect(service.standIn()).toBe(true);
    events.handle(LOST);
    expect(service.status()).toBe('not connected to a Mesos master: no heartbeat');
  });

  it('brings offers into use, and takes them away, only when its framework id is stored', async () => {
    const { events, told, idStored, service } = listening();
    for (const event of [subscribed('F2'), OFFERS, RESCIND]) events.handle(event);
    await settled();
    expect(told.at(-1)).toBe('subscribed');
    expect(service.status()).toBe('starting');
    idStored.resolve();
    await settled();
    expect(told.slice(-2)).toEqual([`offers ${OFFER.id.value}`, `rescind ${OFFER.id.value}`]);
    expect(service.status()).toBe('subscribed with the Mesos master');
  });

  it('takes its offers with it when it ends before its framework id is stored', async () => {
    const { events, told, idStored } = listening();
    for (const event of [subscribed('F2'), OFFERS, LOST]) events.handle(event);
    idStored.resolve();
    await settled();
    expect(told.slice(2)).toEqual(['subscribed', 'disconnected']);
  });

  it('whose framework id cannot be stored is the end', async () => {
    const { events, told, fatal, idStored } = listening();
    for (const event of [subscribed('F2'), OFFERS]) events.handle(event);
    idStored.reject(new Error('deposed'));
    await settled();
    expect(fatal).toContainEqual(new Error('deposed'));
    expect(told.at(-1)).toBe('subscribed');
  });
});

it('asks for the agents where the master answered, not where it says it is', async () => {
  const calls: (string | undefined)[] = [];
  server = createServer(async (request, response) => {
    if (request.method === 'GET') return response.end('{}');
    calls.push(masterCall.decode(await buffer(request)).type);
    response.end(masterResponse.encode({ type: 'GET_AGENTS', getAgents: {} }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const mesos = mesosPort({} as SchedulerConnection, undefined, () => true, SILENT);
  const { events, service } = listening({ mesos });
  const advertised = { id: 'M', ip: 0, port: 5050, address: { ip: '10.99.0.1', port: 5050 } };
  events.handle(subscribed(STORED_ID, `http://127.0.0.1:${port}`, advertised));
  expect(await mesos.agents()).toEqual([]);
  expect(calls).toEqual(['GET_AGENTS']);
  expect(service.mesos.master).toBe('10.99.0.1:5050');
});

describe('a FAILURE', () => {
  /** demo-1 has no task, and a home. */
  async function listeningEngine() {
    const kept = new Kept();
    await kept.tell();
    const { events } = listening({ engine: kept.engine });
    const { task, home } = kept.record.instances[1] ?? {};
    const [taskId, agentId] = [task?.id ?? '', home?.agentId ?? ''];
    events.handle({
      type: 'update',
      status: { ...KILLED, taskId: { value: taskId }, agentId: { value: agentId } },
    });
    await settled();
    kept.outside.reconciled.length = 0;
    return { events, taskId, agentId, reconciled: kept.outside.reconciled };
  }

  it('of an agent asks what became of the instance that it has', async () => {
    const { events, taskId, agentId, reconciled } = await listeningEngine();
    events.handle({ type: 'failure', agentId });
    expect(reconciled).toEqual([taskId]);
  });

  it('of an executor says nothing about its agent', async () => {
    const { events, taskId, agentId, reconciled } = await listeningEngine();
    events.handle({ type: 'failure', agentId, executorId: taskId, status: 9 });
    expect(reconciled).toEqual([]);
  });
});

it('is ended by a refusal, which says what to do', async () => {
  const { events, fatal } = listening();
  events.handle(REFUSED);
  await settled();
  expect(fatal).toEqual([expect.any(RefusedByMesosError)]);
  expect(fatal[0]).toMatchObject({ code: 'failed_over', message: expect.stringContaining('stop one of') });
});

it.each<SchedulerConnectionEvent>([
  subscribed('F2'),
  LOST,
  OFFERS,
  RESCIND,
  { type: 'update', status: { ...KILLED, taskId: { value: 'T' } } },
  { type: 'failure', agentId: 'A1' },
  REFUSED,
])('leaves what comes after its term to its successor: $type', async (event) => {
  const { events, told, fatal, service } = listening({ isLeader: () => false });
  events.handle(event);
  await settled();
  expect([told, fatal, service.status()]).toEqual([[], [], 'starting']);
});
