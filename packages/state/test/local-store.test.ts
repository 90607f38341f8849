import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeStateFile, encodeStateFile } from '../src/state-file.ts';
import { World } from './world.ts';

let world: World;
let clusters: string;

beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());
beforeEach(async () => {
  await world.fresh();
  clusters = join(world.directory, 'clusters');
});
afterEach(() => world.clean());

describe('a crash', () => {
  it('between file and control is made good at the next load', async () => {
    const store = await world.localStore();
    await store.save('u1', { name: 'a' }, null, [world.controlOp('u1', 'c0', null)]);
    await writeAsIfCrashed('u1', 1, { name: 'b' }, world.controlOp('u1', 'c1', 0));
    await writeAsIfCrashed('u2', 0, { name: 'new' }, world.controlOp('u2', 'd0', null));
    expect(await world.control('u1')).toBe('c0');
    await store.close();

    const next = await world.localStore();
    expect((await next.load()).clusters.map(({ uid, version }) => [uid, version])).toEqual([
      ['u1', 1],
      ['u2', 0],
    ]);
    expect(await world.control('u1')).toBe('c1');
    expect(await world.control('u2')).toBe('d0');
    // Control's version keeps pace with the record's, so the next save finds it.
    expect(await next.save('u1', { name: 'c' }, 1, [world.controlOp('u1', 'c2', 1)])).toBe(2);
  });

  it('of ZooKeeper, which came back from an old copy, is made good at the next reading, and stops no save', async () => {
    const store = await world.localStore();
    await store.save('u1', { name: 'a' }, null, [world.controlOp('u1', 'c0', null)]);
    await store.save('u1', { name: 'b' }, 0, [world.controlOp('u1', 'c1', 0)]);
    await world.zookeeper.remove(world.controlPath('u1'));
    await world.zookeeper.create(world.controlPath('u1'), Buffer.from('c0'));
    expect(await store.read('u1')).toMatchObject({ version: 1 });
    expect(await world.control('u1')).toBe('c1');
    await world.zookeeper.remove(world.controlPath('u1'));
    expect(await store.save('u1', { name: 'c' }, 1, [world.controlOp('u1', 'c2', 1)])).toBe(2);
    expect(await world.control('u1')).toBe('c2');
    await store.remove('u1', 2, [{ op: 'remove', path: world.controlPath('u1'), version: 2 }]);
    expect(await world.control('u1')).toBeUndefined();
  });

  it('before removing control is made good too', async () => {
    const store = await world.localStore();
    await store.save('u1', { name: 'a' }, null, [world.controlOp('u1', 'c0', null)]);
    const gone = { op: 'remove', path: world.controlPath('u1'), version: 0 } as const;
    const file = encodeStateFile({ version: 1, removed: true, pending: [gone], record: Buffer.alloc(0) });
    await writeFile(join(clusters, 'u1.state'), file);
    await store.close();

    const next = await world.localStore();
    expect((await next.load()).clusters).toEqual([]);
    expect(await world.control('u1')).toBeUndefined();
    expect(await readdir(clusters)).toEqual([]);
  });

  it('while a file is written leaves the one before it', async () => {
    const store = await world.localStore();
    await store.save('u1', { name: 'a' }, null, []);
    await writeFile(join(clusters, 'u1.state.tmp'), '{"form');
    expect((await store.load()).clusters).toHaveLength(1);
    await store.save('u1', { name: 'b' }, 0, []);
    expect(await readdir(clusters)).toEqual(['u1.state']);
  });

  async function writeAsIfCrashed(
    uid: string,
    version: number,
    record: object,
    op: ReturnType<World['controlOp']>,
  ): Promise<void> {
    const data = Buffer.from(JSON.stringify(record));
    const file = encodeStateFile({ version, removed: false, pending: [op], record: data });
    await writeFile(join(clusters, `${uid}.state`), file);
  }
});

describe('a deposed leader', () => {
  it('does not get ahead of its successor in its own files either', async () => {
    const store = await world.localStore();
    await store.save('u1', { name: 'a' }, null, []);
    await world.depose('leader-1');
    await expect(store.save('u1', { name: 'late' }, 0, [])).rejects.toMatchObject({ code: 'deposed' });
    const file = join(clusters, 'u1.state');
    expect(decodeStateFile(await readFile(file), file).version).toBe(0);
  });
});

describe('corrupt files', () => {
  it.each([
    ['clusters/u2.state', '{"form'],
    ['clusters/u2.state', '{"format":1,"version":0,"removed":false,"pending":[]}\n{"format":99}'],
    ['clusters/no uid.state', '{"format":1,"version":0,"removed":false,"pending":[]}\n{"name":"a"}'],
    ['installation.state', '\n'],
  ])('%s with %j stops the load, which names the file and touches nothing', async (name, data) => {
    const store = await world.localStore();
    const pending = [world.controlOp('u1', 'c0', null)];
    const unfinished = encodeStateFile({
      version: 0,
      removed: false,
      pending,
      record: Buffer.from('{"name":"a"}'),
    });
    await writeFile(join(clusters, 'u1.state'), unfinished);
    await writeFile(join(world.directory, name), data);
    await expect(store.load()).rejects.toMatchObject({
      code: 'corrupt_state',
      message: expect.stringContaining(world.directory),
    });
    expect(await world.control('u1')).toBeUndefined();
    expect(await readFile(join(world.directory, name), 'utf8')).toBe(data);
  });
});

describe('the directory', () => {
  it('belongs to one scheduler at a time', async () => {
    const first = await world.localStore();
    await expect(world.localStore()).rejects.toMatchObject({ code: 'locked' });
    await first.close();
    await world.localStore();
  });

  it('is free again when its process was killed', async () => {
    const module = join(import.meta.dirname, '../src/directory-lock.ts');
    const file = join(world.directory, 'lock');
    const script = `const { lockFile } = await import(${JSON.stringify(module)});
      globalThis.held = await lockFile(${JSON.stringify(file)}); console.log('held'); setInterval(() => {}, 1000);`;
    const holder = spawn(
      process.execPath,
      ['--conditions=@cotton/source', '--input-type=module', '-e', script],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(holder.stdout, 'data');
    await expect(world.localStore()).rejects.toMatchObject({ code: 'locked' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await world.localStore();
  });

  it('and its files are for the owner alone', async () => {
    const store = await world.localStore();
    await store.save('u1', { name: 'a' }, null, []);
    expect((await stat(join(clusters, 'u1.state'))).mode & 0o077).toBe(0);
  });

  it('that cannot be used is told', async () => {
    const { directory } = world;
    world.directory = join(directory, 'file');
    await writeFile(world.directory, '');
    await expect(world.localStore()).rejects.toMatchObject({ code: 'io' });
    world.directory = directory;
  });
});
