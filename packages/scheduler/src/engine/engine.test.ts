import type { OfferOperation, Resource, TaskStatus } from '@cotton/mesos';
import { resources } from '@cotton/mesos';
import { parseTaskData } from '@cotton/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from './engine.ts';
import { freeResources, offerOf, OutsideWorld, ROLE, settled } from './testing.ts';

const REQUEST = {
  name: 'demo',
  nodes: 1,
  size: { cpus: 1, memMb: 512, diskMb: 1024 },
  user: 'app',
  password: undefined,
  idempotencyKey: undefined,
  durability: {},
  promotion: {},
};

const open: Engine[] = [];
beforeEach(() => {
  // Not setImmediate: `settled` waits with it.
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
  });
});
afterEach(() => {
  open.splice(0).forEach((engine) => engine.close());
  vi.useRealTimers();
});

function start(world: OutsideWorld): Engine {
  const engine = world.engine();
  open.push(engine);
  engine.load([...world.stored.values()]);
  engine.subscribed();
  return engine;
}

function types(operations: OfferOperation[]): (string | undefined)[] {
  return operations.map((o) => o.type);
}

function taskIn(world: OutsideWorld): { id: string; executor: Resource[]; data: Uint8Array } {
  const launch = world.accepted.at(-1)?.operations.find((o) => o.type === 'LAUNCH')?.launch?.taskInfos?.[0];
  if (!launch) throw new Error('nothing was launched');
  return {
    id: launch.taskId.value,
    executor: launch.executor?.resources ?? [],
    data: launch.data ?? new Uint8Array(),
  };
}

function status(taskId: string, state: TaskStatus['state']): TaskStatus {
  const uuid = new Uint8Array(16);
  return { taskId: { value: taskId }, state, agentId: { value: 'A1' }, uuid, source: 'SOURCE_EXECUTOR' };
}

/** What the agent offers after the ACCEPT's operations, with nothing running. */
function afterOperations(world: OutsideWorld, before: Resource[]): Resource[] {
  const operations = world.accepted.at(-1)?.operations ?? [];
  return operations
    .filter((o) => o.type !== 'LAUNCH')
    .reduce<Resource[]>((now, operation) => {
      const result = resources.applyOperation(now, operation);
      if (!result.ok) throw new Error(result.reason);
      return result.resources;
    }, before);
}

async function launched(): Promise<{ world: OutsideWorld; engine: Engine; left: Resource[] }> {
  const world = new OutsideWorld();
  const engine = start(world);
  await engine.requests.create(REQUEST);
  const offer = offerOf(1);
  engine.offers([offer]);
  await settled();
  return { world, engine, left: afterOperations(world, offer.resources ?? []) };
}

describe('launching', () => {
  it('reserves, creates and launches in one ACCEPT, and Mesos arithmetic agrees', async () => {
    const { world, left } = await launched();
    expect(types(world.accepted[0]?.operations ?? [])).toEqual(['RESERVE', 'CREATE', 'LAUNCH']);
    const task = world.accepted[0]?.operations[2]?.launch?.taskInfos?.[0];
    const used = [...(task?.resources ?? []), ...(task?.executor?.resources ?? [])];
    expect(resources.contains(left, used)).toBe(true);
    expect(resources.sumOf(used, 'cpus')).toBe(1);
    expect(resources.sumOf(used, 'mem')).toBe(512);
    expect(resources.sumOf(used, 'disk')).toBe(1024);
  });

  it('gives the volume to the executor, so that it is offered only after mysqld has ended', async () => {
    const { world } = await launched();
    expect(taskIn(world).executor.some((r) => resources.isPersistentVolume(r))).toBe(true);
  });

  it('puts no secret but the instance key into the task, and that only into its data', async () => {
    const { world, engine } = await launched();
    const made = await engine.requests.create({ ...REQUEST, name: 'other', password: 'geheim-4711' });
    engine.offers([offerOf(2)]);
    await settled();
    expect(made.ok).toBe(true);
    const task = world.accepted.at(-1)?.operations.find((o) => o.type === 'LAUNCH')?.launch?.taskInfos?.[0];
    const { data, ...shown } = task ?? {};
    const key = parseTaskData(data ?? new Uint8Array()).key;
    const asText = JSON.stringify(shown, (_, v: unknown) => (typeof v === 'bigint' ? v.toString() : v));
    expect(asText).not.toContain(key);
    expect(asText + Buffer.from(data ?? []).toString()).not.toContain('geheim-4711');
    expect(JSON.stringify([...world.stored.values()])).not.toContain('geheim-4711');
  });

  it('persists the launch before the ACCEPT: when it cannot, nothing is launched', async () => {
    const world = new OutsideWorld();
    const engine = start(world);
    await engine.requests.create(REQUEST);
    world.onSave = () => {
      throw new Error('deposed');
    };
    engine.offers([offerOf(1)]);
    await settled();
    expect(world.accepted.flatMap((a) => types(a.operations))).not.toContain('LAUNCH');
    expect(world.fatal).toBeInstanceOf(Error);
  });

  it('asks soon again for an offer whose launch was overtaken by news of the instance', async () => {
    const { world, engine, left } = await launched();
    const { id } = taskIn(world);
    await engine.taskUpdate(status(id, 'TASK_RUNNING'));
    // Its agent comes back under a new id: offer and loss arrive together.
    engine.offers([offerOf(2, left)]);
    await Promise.all([engine.taskUpdate(status(id, 'TASK_LOST')), settled()]);
    const [, ...answers] = world.accepted;
    const isLaunched = answers.some(({ operations }) => types(operations).includes('LAUNCH'));
    const soonest = Math.min(...[...answers, ...world.declined].map((a) => a.refuseSeconds ?? Infinity));
    expect(isLaunched || soonest < 10).toBe(true);
  });

  it('answers every offer exactly once', async () => {
    const world = new OutsideWorld();
    const engine = start(world);
    const offers = [offerOf(1), offerOf(1), offerOf(2)];
    engine.offers(offers);
    await engine.requests.create({ ...REQUEST, nodes: 2 });
    engine.offers([offerOf(1), offerOf(2), offerOf(3)]);
    await settled();
    const answered = [...world.accepted, ...world.declined].flatMap((a) => a.offerIds);
    expect(new Set(answered).size).toBe(answered.length);
    expect(answered).toHaveLength(6);
  });
});

describe('a scheduler that restarts', () => {
  it('asks for every task it believes in, and forgets one that no master ever heard of', async () => {
    const { world } = await launched();
    const { id } = taskIn(world);
    open.splice(0).forEach((engine) => engine.close());
    const next = start(world);
    expect(world.reconciled).toEqual([id]);
    await next.taskUpdate({ taskId: { value: id }, state: 'TASK_GONE', agentId: { value: 'A1' } });
    next.offers([offerOf(3)]);
    await settled();
    expect([...world.stored.values()][0]?.record.instances[0]).toMatchObject({
      task: null,
      home: { seeded: false },
      failures: 1,
    });
  });

  it('does not take statuses that it has not read yet for lost members', async () => {
    const { world, engine } = await launched();
    const task = taskIn(world).id;
    await engine.taskUpdate(status(task, 'TASK_RUNNING'));
    const [stored] = world.stored.values();
    if (!stored) throw new Error('nothing is stored');
    const data = { volumeId: 'v', serverUuid: 'u' };
    const primary = { instance: 'demo-0', taskId: task, incarnation: 1, data };
    const voters = [{ instance: 'demo-1', ...data, bootId: 'b' }];
    const electorate = [{ number: 1, epoch: 1, primary, elected: '', voters, ackCount: 1 }];
    stored.record = { ...stored.record, phase: 'steady', epoch: 1, primary, electorate };
    open.splice(0).forEach((one) => one.close());
    const next = start(world);
    await settled();
    expect(next.find('demo')?.record.phase).toBe('steady');
    world.statuses(stored.record.uid, []);
    await settled();
    expect(next.find('demo')?.record.phase).toBe('electing');
  });

  it('kills a task that no instance wants', async () => {
    const world = new OutsideWorld();
    const engine = start(world);
    await engine.taskUpdate(status('stranger', 'TASK_RUNNING'));
    expect(world.killed).toEqual(['stranger']);
    expect(world.acknowledged).toEqual(['stranger']);
  });

  it('starts nobody without data for a cluster of an earlier leader before its members could be heard', async () => {
    const world = new OutsideWorld();
    await start(world).requests.create(REQUEST);
    await settled();
    world.absenceCounts = false;
    const engine = start(world);
    const [record] = engine.records();
    world.statuses(record?.uid ?? '', []);
    engine.offers([offerOf(1, freeResources())]);
    await settled();
    expect(world.accepted).toEqual([]);
    // One that this leader has created itself is no old copy.
    await engine.requests.create({ ...REQUEST, name: 'another' });
    engine.offers([offerOf(2, freeResources())]);
    await settled();
    expect(taskIn(world).id).toContain('another-0');
    world.absenceCounts = true;
    await vi.advanceTimersByTimeAsync(1_000);
    engine.offers([offerOf(3, freeResources())]);
    await settled();
    expect(taskIn(world).id).toContain('demo-0');
  });

  it('waits for the status of a task that a later record has launched, before a restore of ZooKeeper', async () => {
    const { world, engine } = await launched();
    const { id } = taskIn(world);
    const later = id.replace('demo-0-1', 'demo-0-2');
    await engine.taskUpdate(status(later, 'TASK_RUNNING'));
    expect([world.killed, world.acknowledged]).toEqual([[], []]);
    await engine.taskUpdate(status(later, 'TASK_FAILED'));
    expect(world.acknowledged).toEqual([later]);
  });

  it('kills a launch that it gave up while the cluster formed, also when it turns up after all', async () => {
    const { world, engine } = await launched();
    const { id } = taskIn(world);
    await engine.taskUpdate({ ...status(id, 'TASK_UNREACHABLE'), source: 'SOURCE_MASTER' });
    await engine.taskUpdate(status(id, 'TASK_RUNNING'));
    expect(engine.find('demo')?.record.instances).toMatchObject([
      { id: 'demo-0', intent: 'remove', task: { id } },
      { id: 'demo-1', intent: 'run', task: null },
    ]);
    expect(new Set(world.killed)).toEqual(new Set([id]));
  });

  it('acknowledges an update only once it is persisted', async () => {
    const { world, engine } = await launched();
    world.onSave = () => {
      throw new Error('deposed');
    };
    await engine.taskUpdate(status(taskIn(world).id, 'TASK_RUNNING'));
    expect(world.stored.values().next().value?.record.instances[0]?.task?.state).toBe('launching');
    expect(world.acknowledged).toEqual([]);
  });

  it('refuses to touch anything when the key is wrong', async () => {
    const { world } = await launched();
    const [stored] = world.stored.values();
    if (stored) stored.record.sealedSecrets = `${stored.record.sealedSecrets.slice(0, -4)}AAAA`;
    const engine = world.engine();
    expect(() => engine.load([...world.stored.values()])).toThrow();
  });
});

describe('an agent that is marked gone while nothing runs there', () => {
  async function between(): Promise<{ world: OutsideWorld; engine: Engine; id: string }> {
    const { world, engine } = await launched();
    const { id } = taskIn(world);
    await engine.taskUpdate(status(id, 'TASK_RUNNING'));
    await engine.taskUpdate(status(id, 'TASK_KILLED'));
    return { world, engine, id };
  }

  const answer = (id: string, state: TaskStatus['state']): TaskStatus => ({
    taskId: { value: id },
    state,
    agentId: { value: 'A1' },
    source: 'SOURCE_MASTER',
    reason: 'REASON_RECONCILIATION',
  });

  it('is asked about by a new leader, and its instance given up', async () => {
    const { world, id } = await between();
    open.splice(0).forEach((engine) => engine.close());
    const next = start(world);
    expect(world.reconciled).toEqual([id]);
    await next.taskUpdate(answer(id, 'TASK_GONE_BY_OPERATOR'));
    expect(next.find('demo')?.record.instances).toMatchObject([{ id: 'demo-1', home: null, task: null }]);
    expect(world.killed).toEqual([]);
  });

  it('is asked about at once when Mesos tells that it is lost', async () => {
    const { world, engine, id } = await between();
    engine.agentLost('A2');
    expect(world.reconciled).toEqual([]);
    engine.agentLost('A1');
    expect(world.reconciled).toEqual([id]);
  });

  it('is not asked about for tasks that it ran: of those Mesos tells', async () => {
    const { world, engine } = await launched();
    engine.agentLost('A1');
    expect(world.reconciled).toEqual([]);
  });

  it('is told apart from one that is there, or only away', async () => {
    const { world, engine, id } = await between();
    const before = engine.find('demo')?.record;
    for (const state of ['TASK_GONE', 'TASK_UNREACHABLE', 'TASK_UNKNOWN'] as const)
      await engine.taskUpdate(answer(id, state));
    expect(engine.find('demo')?.record).toBe(before);
    expect(world.killed).toEqual([]);
  });

  it('lets a deletion come to its end', async () => {
    const { world, engine, id } = await between();
    await engine.requests.delete('demo', undefined);
    expect(engine.find('demo')?.view.state).toBe('DELETING');
    await engine.taskUpdate(answer(id, 'TASK_GONE_BY_OPERATOR'));
    await settled();
    expect(engine.find('demo')).toBeUndefined();
    expect(world.stored.size).toBe(0);
  });
});

describe('deleting', () => {
  it('kills, destroys, unreserves, checks the agent, and only then forgets', async () => {
    const { world, engine, left } = await launched();
    const { id } = taskIn(world);
    await engine.taskUpdate(status(id, 'TASK_RUNNING'));
    const made = engine.find('demo');
    await engine.requests.delete('demo', undefined);
    expect(world.killed).toEqual([id]);
    await engine.taskUpdate(status(id, 'TASK_KILLED'));
    world.agents = [{ agentId: 'A1', address: '10.0.0.1:5051', resources: left }];
    engine.offers([offerOf(1, left)]);
    await settled();
    expect(types(world.accepted.at(-1)?.operations ?? [])).toEqual(['DESTROY', 'UNRESERVE']);
    expect(engine.find('demo')?.record.uid).toBe(made?.record.uid);
    const bare = afterOperations(world, resources.allocate(left, ROLE));
    expect(bare.every((r) => (r.reservations ?? []).length === 0)).toBe(true);
    world.agents = [{ agentId: 'A1', address: '10.0.0.1:5051', resources: bare }];
    await vi.advanceTimersByTimeAsync(400);
    expect(engine.find('demo')).toBeUndefined();
    expect(world.stored.size).toBe(0);
  });

  it('gives back what a launch that failed has left', async () => {
    const { world, engine, left } = await launched();
    await engine.taskUpdate({ ...status(taskIn(world).id, 'TASK_FAILED'), source: 'SOURCE_AGENT' });
    await engine.requests.delete('demo', undefined);
    world.agents = [{ agentId: 'A1', address: '10.0.0.1:5051', resources: left }];
    await vi.advanceTimersByTimeAsync(30_000);
    engine.offers([offerOf(1, left)]);
    await settled();
    expect(types(world.accepted.at(-1)?.operations ?? [])).toEqual(['DESTROY', 'UNRESERVE']);
    expect(engine.find('demo')?.view.state).toBe('DELETING');
    const bare = afterOperations(world, resources.allocate(left, ROLE));
    world.agents = [{ agentId: 'A1', address: '10.0.0.1:5051', resources: bare }];
    await vi.advanceTimersByTimeAsync(400);
    expect(engine.find('demo')).toBeUndefined();
  });

  it('waits for an agent that is away', async () => {
    const { world, engine } = await launched();
    const { id } = taskIn(world);
    await engine.taskUpdate(status(id, 'TASK_RUNNING'));
    await engine.requests.delete('demo', undefined);
    await engine.taskUpdate(status(id, 'TASK_KILLED'));
    world.agents = [];
    await vi.advanceTimersByTimeAsync(30_000);
    expect(engine.find('demo')?.view.state).toBe('DELETING');
    world.agents = [{ agentId: 'A1', address: '10.0.0.1:5051', resources: freeResources() }];
    await vi.advanceTimersByTimeAsync(10_300);
    expect(engine.find('demo')).toBeUndefined();
  });

  it('needs the password', async () => {
    const { engine } = await launched();
    expect(await engine.requests.delete('demo', 'wrong')).toEqual({ ok: false, refusal: 'wrong_password' });
    expect(engine.find('DEMO')?.view.state).not.toBe('DELETING');
  });
});

describe('creating', () => {
  it('refuses a name that differs only in case, and repeats a request with the same key', async () => {
    const world = new OutsideWorld();
    const engine = start(world);
    const first = await engine.requests.create({ ...REQUEST, idempotencyKey: 'k1' });
    expect(await engine.requests.create({ ...REQUEST, name: 'Demo' })).toMatchObject({
      refusal: 'cluster_exists',
    });
    const again = await engine.requests.create({ ...REQUEST, idempotencyKey: 'k1' });
    expect(first.ok && again.ok && again.value.password === first.value.password).toBe(true);
    expect(world.stored.size).toBe(1);
  });

  it('says at once when no agent could ever hold an instance', async () => {
    const world = new OutsideWorld();
    world.agents = [{ agentId: 'A1', address: '10.0.0.1:5051', resources: offerOf(1).resources ?? [] }];
    const engine = start(world);
    const made = await engine.requests.create({ ...REQUEST, size: { cpus: 99, memMb: 512, diskMb: 1024 } });
    expect(made.ok && made.value.entry.oversized).toMatch(/no agent is large enough for 99 cpus/);
  });
});
