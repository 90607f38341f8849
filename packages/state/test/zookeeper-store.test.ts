import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FencedWrites } from '../src/fenced-writes.ts';
import { prepareLayout } from '../src/layout.ts';
import { World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());
beforeEach(() => world.fresh());
afterEach(() => world.clean());

describe('a transaction', () => {
  it('writes neither record nor control when one of them was changed by someone else', async () => {
    const store = await world.zookeeperStore();
    await store.load();
    await store.save('u1', { name: 'a' }, null, [world.controlOp('u1', 'c0', null)]);
    await world.zookeeper.set(world.controlPath('u1'), Buffer.from('meddled'));
    const refused = store.save('u1', { name: 'b' }, 0, [world.controlOp('u1', 'c1', 0)]);
    await expect(refused).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(world.controlPath('u1')),
    });
    expect((await store.read('u1'))?.record).toEqual({ name: 'a' });
  });

  it('refuses what would not fit one packet together', async () => {
    const store = await world.zookeeperStore();
    await store.load();
    const alongside = [world.controlOp('u1', 'x'.repeat(300_000), null)];
    const refused = store.save('u1', { name: 'a', filler: 'x'.repeat(800_000) }, null, alongside);
    await expect(refused).rejects.toMatchObject({ code: 'too_large' });
  });
});

describe('corrupt state', () => {
  it.each([
    ['a record that is no JSON', 'state/clusters/u1', '{'],
    ['a record of another shape', 'state/clusters/u1', '{"format":99}'],
    ['an installation that is no JSON', 'state/installation', ''],
    ['a layout that is no JSON', 'state/layout', '1}'],
    ['a layout from the future', 'state/layout', '{"layout":7}'],
    ['a node that is no cluster', 'state/clusters/not a uid', '{}'],
  ])('%s stops the load, which names the node and touches nothing', async (_, name, data) => {
    const store = await world.zookeeperStore();
    await store.load();
    await store.saveInstallation({ id: 'i' }, null);
    await store.save('u1', { name: 'a' }, null, [world.controlOp('u1', 'c', null)]);
    const path = `${world.root}/${name}`;
    if (await world.zookeeper.exists(path)) await world.zookeeper.set(path, Buffer.from(data));
    else await world.zookeeper.create(path, Buffer.from(data));
    const before = await snapshot(world.root);
    await expect(store.load()).rejects.toMatchObject({
      code: 'corrupt_state',
      message: expect.stringContaining(path.replace(/\/not a uid$/, '')),
    });
    expect(await snapshot(world.root)).toEqual(before);
  });

  it('state without a layout is not taken for empty', async () => {
    const store = await world.zookeeperStore();
    await store.load();
    await world.zookeeper.remove(`${world.root}/state/layout`);
    await expect(store.load()).rejects.toMatchObject({ code: 'corrupt_state' });
  });
});

describe('layout', () => {
  it('is migrated step by step, and a step that failed is repeated', async () => {
    const { zookeeper, root } = world;
    const writes = new FencedWrites(zookeeper, world.fence());
    const steps: string[] = [];
    let failing = true;
    const first = async (): Promise<void> => void steps.push('1 to 2');
    const second = async (): Promise<void> => {
      steps.push('2 to 3');
      if (failing) throw new Error('crash');
    };
    expect(await prepareLayout(zookeeper, root, writes)).toBe(1);
    await expect(prepareLayout(zookeeper, root, writes, [first, second])).rejects.toThrow('crash');
    failing = false;
    expect(await prepareLayout(zookeeper, root, writes, [first, second])).toBe(3);
    expect(await prepareLayout(zookeeper, root, writes, [first, second])).toBe(3);
    expect(steps).toEqual(['1 to 2', '2 to 3', '2 to 3']);
    await expect(prepareLayout(zookeeper, root, writes)).rejects.toMatchObject({ code: 'corrupt_state' });
  });
});

/** Every node below, with version and data. */
async function snapshot(path: string): Promise<Record<string, string>> {
  const node = await world.zookeeper.get(path);
  const own = { [path]: `${node?.version} ${node?.data.toString()}` };
  const names = (await world.zookeeper.children(path)) ?? [];
  const below = await Promise.all(names.map((name) => snapshot(`${path}/${name}`)));
  return Object.assign(own, ...below) as Record<string, string>;
}
