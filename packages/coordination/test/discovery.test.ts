import { until } from '@cotton/setup';
import { formatZkUrl, type Op, type ZooKeeper } from '@cotton/zookeeper';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  Discovery,
  discoverPath,
  type Endpoints,
  resolve,
  resolveUrl,
  watchDiscovery,
} from '../src/index.ts';
import { World } from './world.ts';

const a = { host: 'h1', port: 1, httpPort: 11, shard: 0 };
const b = { host: 'h2', port: 2, httpPort: 12, shard: 1 };
const c = { host: 'h3', port: 3, httpPort: 13, shard: 2 };

let world: World;
let zookeeper: ZooKeeper;
let discovery: Discovery;
let path: string;
let fence: Op;

beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());
beforeEach(async () => {
  world.fresh();
  zookeeper = await world.client();
  discovery = new Discovery(zookeeper, world.root);
  await discovery.prepare();
  await zookeeper.ensure(`${world.root}/election/me`);
  path = discoverPath(world.root, 'demo');
  fence = { op: 'check', path: `${world.root}/election/me`, version: 0 };
});
afterEach(() => world.closeClients());

/** What this client creates is closed to us. */
const stranger = (): Promise<ZooKeeper> => world.client({ auth: { user: 'stranger', password: 'x' } });

describe('Discovery', () => {
  it('publishes, changes and removes a cluster', async () => {
    expect(await resolve(zookeeper, path)).toBeUndefined();
    for (const wanted of [
      { replicas: [] },
      { primary: a, replicas: [b, c] },
      { replicas: [b, c] },
      { primary: b, replicas: [c] },
    ]) {
      await discovery.publish('demo', wanted, fence);
      expect(await resolve(zookeeper, path)).toEqual(wanted);
    }
    expect(await discovery.list()).toEqual(['demo']);
    await discovery.remove('demo', fence);
    expect(await zookeeper.exists(path)).toBe(false);
    await discovery.remove('demo', fence);
  });

  it('removes a cluster with what others have put below its node', async () => {
    await discovery.publish('demo', { primary: a, replicas: [b] }, fence);
    const [member] = (await zookeeper.children(`${path}/master`)) ?? [];
    await zookeeper.ensure(`${path}/notes/of/somebody`);
    await zookeeper.ensure(`${path}/master/${member}/below`);
    await discovery.remove('demo', fence);
    expect(await discovery.list()).toEqual([]);
  });

  it('writes nothing when all is as wanted', async () => {
    await discovery.publish('demo', { primary: a, replicas: [b] }, fence);
    const before = await zookeeper.children(`${path}/master`);
    await discovery.publish('demo', { primary: a, replicas: [b] }, fence);
    expect(await zookeeper.children(`${path}/master`)).toEqual(before);
    expect((await zookeeper.get(`${path}/master`))?.version).toBe(0);
  });

  it('has the names that ServerSet readers expect', async () => {
    await discovery.publish('demo', { primary: a, replicas: [b] }, fence);
    const [member] = (await zookeeper.children(`${path}/master`)) ?? [];
    expect(member).toMatch(/^member_\d{10}$/);
    await discovery.publish('demo', { primary: { ...a, port: 9 }, replicas: [b] }, fence);
    const [moved] = (await zookeeper.children(`${path}/master`)) ?? [];
    expect(moved).not.toBe(member);
  });

  it('never shows two primaries, also to two schedulers that race', async () => {
    const other = new Discovery(await world.client(), world.root);
    const counts: number[] = [];
    zookeeper.watchChildren(`${path}/master`, (names) => counts.push(names?.length ?? 0));
    for (let round = 0; round < 10; round += 1) {
      await Promise.allSettled([
        discovery.publish('demo', { primary: a, replicas: [b] }, fence),
        other.publish('demo', { primary: b, replicas: [a] }, fence),
      ]);
    }
    expect(Math.max(...counts)).toBe(1);
  });

  it('refuses the late word of a deposed leader', async () => {
    await discovery.publish('demo', { primary: a, replicas: [b] }, fence);
    await zookeeper.remove(fence.path);
    const deposed = { code: 'deposed' };
    await expect(discovery.publish('demo', { primary: b, replicas: [] }, fence)).rejects.toMatchObject(
      deposed,
    );
    await expect(discovery.remove('demo', fence)).rejects.toMatchObject(deposed);
    expect(await resolve(zookeeper, path)).toEqual({ primary: a, replicas: [b] });
  });

  it('counts what it may not read as no member, and leaves it alone', async () => {
    const stray = `${path}/master/member_0`;
    await discovery.publish('demo', { replicas: [b] }, fence);
    await (await stranger()).create(stray, Buffer.from('mine'));
    await discovery.publish('demo', { primary: a, replicas: [b] }, fence);
    expect(await resolve(zookeeper, path)).toEqual({ primary: a, replicas: [b] });
    expect(await zookeeper.exists(stray)).toBe(true);
    await discovery.remove('demo', fence);
    expect(await discovery.list()).toEqual([]);
  });

  it('takes members out with what others have put below them', async () => {
    await discovery.publish('demo', { primary: a, replicas: [b] }, fence);
    const [member] = (await zookeeper.children(`${path}/master`)) ?? [];
    await zookeeper.ensure(`${path}/master/${member}/below/it`);
    await discovery.publish('demo', { primary: b, replicas: [] }, fence);
    expect(await resolve(zookeeper, path)).toEqual({ primary: b, replicas: [] });
  });

  it('names the node of somebody else that is in the way', async () => {
    const other = await stranger();
    const wanted = { primary: a, replicas: [] };
    const obstructedAt = (node: string) => ({
      code: 'obstructed',
      message: expect.stringContaining(`${node}: no`) as string,
    });
    await other.ensure(path);
    await expect(discovery.publish('demo', wanted, fence)).rejects.toMatchObject(
      obstructedAt(`create ${path}/master`),
    );
    await other.ensure(`${path}/master`);
    await expect(discovery.publish('demo', wanted, fence)).rejects.toMatchObject(
      obstructedAt(`${path}/master`),
    );
    await expect(discovery.remove('demo', fence)).rejects.toMatchObject(obstructedAt(`remove ${path}`));
    await other.removeTree(path);
    await discovery.publish('demo', wanted, fence);
    expect(await resolve(zookeeper, path)).toEqual(wanted);
  });

  it('removes what others left in the groups', async () => {
    await discovery.publish('demo', { primary: a, replicas: [] }, fence);
    await zookeeper.create(`${path}/slaves/member_x`, Buffer.from('rubbish'));
    expect(await resolve(zookeeper, path)).toEqual({ primary: a, replicas: [] });
    await discovery.remove('demo', fence);
    expect(await discovery.list()).toEqual([]);
  });
});

describe('readers', () => {
  it('follow every change', async () => {
    const seen: (Endpoints | undefined)[] = [];
    const stop = watchDiscovery(await world.client(), path, (endpoints) => seen.push(endpoints));
    await until(() => seen.length === 1);
    await discovery.publish('demo', { primary: a, replicas: [b] }, fence);
    await until(() => seen.at(-1)?.primary && seen.at(-1)?.replicas.length === 1);
    await discovery.publish('demo', { primary: b, replicas: [] }, fence);
    await until(() => seen.at(-1)?.primary?.host === 'h2' && seen.at(-1)?.replicas.length === 0);
    await discovery.remove('demo', fence);
    await until(() => seen.at(-1) === undefined);
    stop();
  });

  it('follow a cluster on in which somebody has a node that is closed to them', async () => {
    const seen: (Endpoints | undefined)[] = [];
    await discovery.publish('demo', { primary: a, replicas: [] }, fence);
    await (await stranger()).create(`${path}/master/member_0`, Buffer.from('mine'));
    const stop = watchDiscovery(await world.client(), path, (endpoints) => seen.push(endpoints));
    await until(() => seen.length === 1);
    await discovery.publish('demo', { primary: b, replicas: [] }, fence);
    await until(() => seen.at(-1)?.primary?.host === 'h2');
    stop();
  });

  it('resolve a cluster_url on their own', async () => {
    await discovery.publish('demo', { primary: a, replicas: [b] }, fence);
    const url = formatZkUrl({ servers: world.server.connect, path });
    expect(await resolveUrl(url)).toEqual({ primary: a, replicas: [b] });
    expect(await resolveUrl(`${url}-none`)).toBeUndefined();
  });
});
