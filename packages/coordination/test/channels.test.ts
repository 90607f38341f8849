import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  restoreZooKeeper,
  saveZooKeeper,
  startZooKeeperEnsemble,
  until,
  type ZooKeeperServer,
} from '@cotton/setup';
import type { Log, ZooKeeper } from '@cotton/zookeeper';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  absenceCounts,
  ControlChannel,
  MAX_CONTROL_BYTES,
  StatusPublisher,
  watchStatuses,
} from '../src/index.ts';
import { Clock, json, SESSION_MS, World } from './world.ts';

let world: World;
let scheduler: ZooKeeper;

beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());
beforeEach(async () => {
  world.fresh();
  scheduler = await world.client();
});
afterEach(() => world.closeClients());

describe('control', () => {
  it('is written at its version, listed, read and removed', async () => {
    const control = new ControlChannel(scheduler, world.root, json);
    expect(await control.list()).toEqual([]);
    await control.prepare();
    await scheduler.multi([control.writeOp('u1', { n: 1 }, undefined)]);
    await scheduler.multi([control.writeOp('u1', { n: 2 }, 0)]);
    await expect(scheduler.multi([control.writeOp('u1', { n: 3 }, 0)])).rejects.toMatchObject({
      code: 'bad_version',
    });
    expect(await control.read('u1')).toEqual({ document: { n: 2 }, version: 1 });
    expect(await control.list()).toEqual(['u1']);
    await scheduler.multi([control.removeOp('u1', 1)]);
    expect(await control.read('u1')).toBeUndefined();
  });

  it('is seen by executors, who keep the last good one when it cannot be read', async () => {
    const control = new ControlChannel(scheduler, world.root, json);
    const executor = new ControlChannel(await world.client(), world.root, json);
    const seen: unknown[] = [];
    executor.watch(
      'u1',
      (now) => seen.push(now?.document),
      (error) => seen.push(error.code),
    );
    await until(() => seen.length === 1);
    await control.prepare();
    await scheduler.multi([control.writeOp('u1', { n: 1 }, undefined)]);
    await until(() => seen.length === 2);
    await scheduler.set(`${world.root}/control/u1`, Buffer.from('{'));
    await until(() => seen.length === 3);
    await scheduler.multi([control.writeOp('u1', { n: 2 }, 1)]);
    await until(() => seen.length === 4);
    expect(seen).toEqual([undefined, { n: 1 }, 'bad_document', { n: 2 }]);
    await expect(control.read('none')).resolves.toBeUndefined();
  });

  it('has a limited size', () => {
    const wide = { encode: () => Buffer.alloc(MAX_CONTROL_BYTES + 1), decode: () => ({}) };
    const control = new ControlChannel(scheduler, world.root, wide);
    expect(() => control.writeOp('u1', {}, undefined)).toThrow(
      expect.objectContaining({ code: 'too_large' }),
    );
  });
});

describe('status', () => {
  const watched = (log: Log = () => undefined): Map<string, { n: number }>[] => {
    const seen: Map<string, { n: number }>[] = [];
    const place = { root: world.root, uid: 'u1' };
    watchStatuses(scheduler, place, json, (statuses) => seen.push(statuses), log);
    return seen;
  };
  const place = (instance: string) => ({ root: world.root, uid: 'u1', instance });

  it('of every instance reaches the scheduler, and vanishes with its executor', async () => {
    const seen = watched();
    const executors = await Promise.all([world.client(), world.client()]);
    const [one, two] = executors.map((client, n) => new StatusPublisher(client, place(`db-${n}`), json));
    one?.publish({ n: 1 });
    two?.publish({ n: 2 });
    await until(() => seen.at(-1)?.size === 2);
    expect(Object.fromEntries(seen.at(-1) ?? [])).toEqual({ 'db-0': { n: 1 }, 'db-1': { n: 2 } });
    await executors[0]?.close();
    await until(() => seen.at(-1)?.size === 1);
    await two?.stop();
    await until(() => seen.at(-1)?.size === 0);
  });

  it('tells when one was seen to come, to change and to go, but not what was so at the first look', async () => {
    const publisher = new StatusPublisher(await world.client(), place('db-0'), json);
    publisher.publish({ n: 1 });
    await until(() => publisher.settled);
    let names: string[] | undefined;
    let changed = new Map<string, number>();
    watchStatuses(scheduler, { root: world.root, uid: 'u1' }, json, (statuses, changedAtMs) => {
      names = [...statuses.keys()];
      changed = changedAtMs;
    });
    await until(() => names?.length === 1);
    expect([...changed]).toEqual([]);
    const late = new StatusPublisher(await world.client(), place('db-1'), json);
    late.publish({ n: 1 });
    await until(() => names?.length === 2);
    expect([...changed.keys()]).toEqual(['db-1']);
    publisher.publish({ n: 2 });
    await until(() => changed.size === 2);
    const changedAtMs = changed.get('db-0') ?? Infinity;
    await publisher.stop();
    await until(() => names?.length === 1);
    expect(changed.get('db-0')).toBeGreaterThan(changedAtMs);
    await late.stop();
  });

  it('skips states in a burst, never the last', async () => {
    const seen = watched();
    const publisher = new StatusPublisher(await world.client(), place('db-0'), json);
    for (let n = 1; n <= 1_000; n += 1) publisher.publish({ n });
    await until(() => seen.at(-1)?.get('db-0')?.n === 1_000);
    expect(publisher.settled).toBe(true);
  });

  it('is there again after a lost session, without being published again', async () => {
    const seen = watched();
    const clock = new Clock();
    const executor = await world.client({ now: clock.now });
    const publisher = new StatusPublisher(executor, place('db-0'), json);
    publisher.publish({ n: 7 });
    await until(() => publisher.settled);
    const before = executor.sessionId;
    clock.jump(SESSION_MS + 1);
    expect(executor.state).not.toBe('connected');
    await until(() => publisher.settled && executor.sessionId !== before);
    const node = await scheduler.get(`${world.root}/status/u1/db-0`);
    expect(node?.ephemeralOwner).toBe(executor.sessionId);
    // The old session's end takes nothing of the new one's away.
    await new Promise((resolve) => setTimeout(resolve, SESSION_MS + 300));
    expect(seen.at(-1)?.get('db-0')).toEqual({ n: 7 });
  });

  it('is the newest again after ZooKeeper was restored from an old copy, in the same session', async () => {
    const ensemble = await startZooKeeperEnsemble({ members: 3, tickTimeMs: 200 });
    const copy = await mkdtemp(join(tmpdir(), 'cotton-copy-'));
    try {
      const longer = { servers: ensemble.connect, sessionTimeoutMs: 30_000 };
      scheduler = await world.client(longer);
      const executor = await world.client(longer);
      const seen = watched();
      const publisher = new StatusPublisher(executor, place('db-0'), json);
      publisher.publish({ n: 1 });
      await until(() => publisher.settled);
      const session = executor.sessionId;
      await saveZooKeeper(ensemble.servers[0] as ZooKeeperServer, copy);
      publisher.publish({ n: 2 });
      await until(() => seen.at(-1)?.get('db-0')?.n === 2);
      await restoreZooKeeper(ensemble.servers, copy);
      const node = await until(async () => {
        const now = await scheduler.get(`${world.root}/status/u1/db-0`);
        return now?.data.equals(json.encode({ n: 2 })) ? now : undefined;
      });
      // Had the session ended, the status would have been written anew anyway.
      expect([executor.sessionId, node.ephemeralOwner]).toEqual([session, session]);
      await until(() => seen.at(-1)?.get('db-0')?.n === 2);
    } finally {
      await world.closeClients();
      await ensemble.stop();
      await rm(copy, { recursive: true });
    }
  });

  it('takes over from an executor that was killed and whose node is still there', async () => {
    const dead = new StatusPublisher(await world.client(), place('db-0'), json);
    dead.publish({ n: 1 });
    await until(() => dead.settled);
    const heir = await world.client();
    const publisher = new StatusPublisher(heir, place('db-0'), json);
    publisher.publish({ n: 2 });
    await until(() => publisher.settled);
    const node = await scheduler.get(`${world.root}/status/u1/db-0`);
    expect(node).toMatchObject({ ephemeralOwner: heir.sessionId, data: json.encode({ n: 2 }) });
  });

  it('that cannot be read leaves the one before it standing', async () => {
    const seen = watched();
    const publisher = new StatusPublisher(await world.client(), place('db-0'), json);
    publisher.publish({ n: 1 });
    await until(() => seen.at(-1)?.size === 1);
    const told = seen.length;
    await scheduler.set(`${world.root}/status/u1/db-0`, Buffer.from('?'));
    await until(() => seen.length > told);
    expect(seen.at(-1)?.get('db-0')).toEqual({ n: 1 });
  });

  it('of a member is followed beside a node that is closed to us, whoever came first', async () => {
    const stranger = await world.client({ auth: { user: 'stranger', password: 'x' } });
    await scheduler.ensure(`${world.root}/status/u1`);
    await stranger.create(`${world.root}/status/u1/stray`, Buffer.alloc(0));
    const closed: unknown[] = [];
    const seen = watched((_, { instance }) => closed.push(instance));
    const executor = await world.client();
    const publisher = new StatusPublisher(executor, place('db-0'), json);
    publisher.publish({ n: 1 });
    await until(() => seen.at(-1)?.get('db-0')?.n === 1);
    await stranger.create(`${world.root}/status/u1/stray-2`, Buffer.alloc(0));
    publisher.publish({ n: 2 });
    await until(() => seen.at(-1)?.get('db-0')?.n === 2);
    await executor.close();
    await until(() => seen.at(-1)?.size === 0);
    expect(closed).toEqual(['stray', 'stray-2']);
  });

  it('missing counts as evidence only after a whole session timeout of our own', async () => {
    const clock = new Clock();
    const watcher = await world.client({ now: clock.now, sessionTimeoutMs: 2_000 });
    expect(absenceCounts(watcher, 1_000)).toBe(false);
    clock.jump(1_001);
    expect(absenceCounts(watcher, 1_000)).toBe(true);
    clock.jump(2_000);
    expect(watcher.state).not.toBe('connected');
    expect(absenceCounts(watcher, 1_000)).toBe(false);
    await until(() => watcher.state === 'connected');
    expect(absenceCounts(watcher, 1_000)).toBe(false);
  });
});
