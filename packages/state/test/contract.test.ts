import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_RECORD_BYTES, type Store } from '../src/index.ts';
import { type Cluster, type Installation, World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());
beforeEach(() => world.fresh());
afterEach(() => world.clean());

const stores = {
  zookeeper: (leader?: string) => world.zookeeperStore(leader),
  local: (leader?: string) => world.localStore(leader),
};

/** As the next scheduler process would see it. */
type Open = (leader?: string) => Promise<Store<Installation, Cluster>>;

describe.each(Object.entries(stores))('a %s store', (_, open: Open) => {
  let store: Store<Installation, Cluster>;
  beforeEach(async () => {
    store = await open();
    await store.load();
  });

  async function reopen(leader?: string): Promise<Store<Installation, Cluster>> {
    await store.close();
    return open(leader);
  }

  it('is empty at first', async () => {
    expect(await store.load()).toEqual({ installation: undefined, clusters: [] });
    expect(await store.read('u1')).toBeUndefined();
  });

  it('gives back what was saved, with versions that count up, to the next process', async () => {
    expect(await store.saveInstallation({ id: 'i' }, null)).toBe(0);
    expect(await store.saveInstallation({ id: 'j' }, 0)).toBe(1);
    expect(await store.save('u1', { name: 'a' }, null, [])).toBe(0);
    expect(await store.save('u1', { name: 'b' }, 0, [])).toBe(1);
    expect(await store.save('u2', { name: 'ü' }, null, [])).toBe(0);
    expect(await store.read('u1')).toEqual({ uid: 'u1', record: { name: 'b' }, version: 1 });
    expect(await (await reopen()).load()).toEqual({
      installation: { value: { id: 'j' }, version: 1 },
      clusters: [
        { uid: 'u1', record: { name: 'b' }, version: 1 },
        { uid: 'u2', record: { name: 'ü' }, version: 0 },
      ],
    });
  });

  it('writes control along with the record', async () => {
    await store.save('u1', { name: 'a' }, null, [world.controlOp('u1', 'c0', null)]);
    await store.save('u1', { name: 'b' }, 0, [world.controlOp('u1', 'c1', 0)]);
    expect(await world.control('u1')).toBe('c1');
    await store.remove('u1', 1, [{ op: 'remove', path: world.controlPath('u1'), version: 1 }]);
    expect(await world.control('u1')).toBeUndefined();
    expect((await store.load()).clusters).toEqual([]);
  });

  it('refuses to replace a version that is not there', async () => {
    await store.save('u1', { name: 'a' }, null, []);
    await store.save('u1', { name: 'b' }, 0, []);
    const conflict = { code: 'conflict', message: expect.stringContaining('u1') };
    await expect(store.save('u1', { name: 'x' }, 0, [])).rejects.toMatchObject(conflict);
    await expect(store.save('u1', { name: 'x' }, null, [])).rejects.toMatchObject(conflict);
    await expect(store.save('u2', { name: 'x' }, 0, [])).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.remove('u1', 0, [])).rejects.toMatchObject(conflict);
    expect((await store.load()).clusters).toEqual([{ uid: 'u1', record: { name: 'b' }, version: 1 }]);
  });

  it('lets only one of two concurrent writers of a version through', async () => {
    await store.save('u1', { name: 'a' }, null, []);
    const writes = await Promise.allSettled(['x', 'y', 'z'].map((name) => store.save('u1', { name }, 0, [])));
    expect(writes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await store.read('u1'))?.version).toBe(1);
  });

  it("refuses a deposed leader's late write, and leaves everything as its successor has it", async () => {
    await store.saveInstallation({ id: 'i' }, null);
    await store.save('u1', { name: 'a' }, null, [world.controlOp('u1', 'c0', null)]);
    await world.depose('leader-1');
    await world.elect('leader-2');
    const deposed = { code: 'deposed' };
    await expect(
      store.save('u1', { name: 'late' }, 0, [world.controlOp('u1', 'late', 0)]),
    ).rejects.toMatchObject(deposed);
    await expect(store.save('u9', { name: 'late' }, null, [])).rejects.toMatchObject(deposed);
    await expect(store.remove('u1', 0, [])).rejects.toMatchObject(deposed);
    await expect(store.saveInstallation({ id: 'late' }, 0)).rejects.toMatchObject(deposed);
    await expect(store.load()).rejects.toMatchObject(deposed);
    expect(await world.control('u1')).toBe('c0');
    expect(await (await reopen('leader-2')).load()).toEqual({
      installation: { value: { id: 'i' }, version: 0 },
      clusters: [{ uid: 'u1', record: { name: 'a' }, version: 0 }],
    });
  });

  it('knows itself deposed when the fence cannot be had', async () => {
    const unaware = await reopen('nobody');
    await expect(unaware.save('u1', { name: 'a' }, null, [])).rejects.toMatchObject({ code: 'deposed' });
  });

  it('refuses records that are too large, before anything happens', async () => {
    const filler = 'x'.repeat(MAX_RECORD_BYTES);
    const refused = store.save('u1', { name: 'a', filler }, null, []);
    await expect(refused).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('u1'),
    });
    expect((await store.load()).clusters).toEqual([]);
    await store.save('u1', { name: 'a', filler: 'x'.repeat(MAX_RECORD_BYTES - 100) }, null, []);
  });

  it('refuses uids that would lead elsewhere', async () => {
    for (const uid of ['', '../u', 'a/b', '.', 'a b']) {
      await expect(async () => store.save(uid, { name: 'a' }, null, [])).rejects.toMatchObject({
        code: 'corrupt_state',
      });
    }
  });

  it('holds hundreds of clusters', async () => {
    const uids = Array.from({ length: 300 }, (_, n) => `u${n}`);
    await Promise.all(uids.map((uid) => store.save(uid, { name: uid }, null, [])));
    expect((await (await reopen()).load()).clusters).toHaveLength(uids.length);
  });
});
