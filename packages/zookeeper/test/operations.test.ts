import { startZooKeeper, type ZooKeeperServer } from '@cotton/setup';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_WRITE_BYTES, ZooKeeper } from '../src/index.ts';

const EMPTY = Buffer.alloc(0);

let server: ZooKeeperServer;
let client: ZooKeeper;

beforeAll(async () => {
  server = await startZooKeeper({ tickTimeMs: 200 });
  client = await ZooKeeper.connect({ servers: server.connect, sessionTimeoutMs: 4_000 });
});
afterAll(async () => {
  await client?.close();
  await server?.stop();
});
beforeEach(async () => {
  await client.removeTree('/o');
  await client.ensure('/o');
});

describe('nodes', () => {
  it('are created, read, changed at their version and removed', async () => {
    expect(await client.create('/o/n', Buffer.from('a'))).toBe('/o/n');
    expect(await client.set('/o/n', Buffer.from('b'), 0)).toBe(1);
    expect(await client.get('/o/n')).toMatchObject({
      data: Buffer.from('b'),
      version: 1,
      ephemeralOwner: '0'.repeat(16),
    });
    await client.remove('/o/n', 1);
    expect(await client.get('/o/n')).toBeUndefined();
    expect(await client.exists('/o/n')).toBe(false);
    expect(await client.children('/o/n')).toBeUndefined();
  });

  it('tell what is wrong by code', async () => {
    await client.create('/o/n', EMPTY);
    await expect(client.create('/o/n', EMPTY)).rejects.toMatchObject({ code: 'node_exists' });
    await expect(client.create('/o/x/y', EMPTY)).rejects.toMatchObject({ code: 'no_node' });
    await expect(client.set('/o/n', EMPTY, 7)).rejects.toMatchObject({ code: 'bad_version' });
    await expect(client.remove('/o')).rejects.toMatchObject({ code: 'not_empty' });
    await expect(client.remove('/o/none')).rejects.toMatchObject({ code: 'no_node' });
    await expect(client.get('no/slash')).rejects.toMatchObject({ code: 'invalid' });
    await expect(client.create('/o/../n', EMPTY)).rejects.toMatchObject({ code: 'invalid' });
    await client.create('/o/e', EMPTY, { ephemeral: true });
    await expect(client.create('/o/e/child', EMPTY)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('hold as much as ZooKeeper takes, and no more', async () => {
    await client.create('/o/large', Buffer.alloc(MAX_WRITE_BYTES - 1_000));
    expect((await client.get('/o/large'))?.data.length).toBe(MAX_WRITE_BYTES - 1_000);
    await expect(client.set('/o/large', Buffer.alloc(MAX_WRITE_BYTES))).rejects.toMatchObject({
      code: 'invalid',
    });
    expect(client.state).toBe('connected');
  });

  it('are ensured and removed with all below them', async () => {
    await Promise.all(['/o/a/b/c', '/o/a/b/d', '/o/a/b/c'].map((path) => client.ensure(path)));
    expect(await client.children('/o/a/b')).toEqual(['c', 'd']);
    await client.removeTree('/o/a');
    await client.removeTree('/o/a');
    expect(await client.children('/o')).toEqual([]);
  });

  it('keep creation order in the digits of sequential names', async () => {
    const paths = [];
    for (const name of ['b', 'a', 'c'])
      paths.push(await client.create(`/o/${name}`, EMPTY, { sequential: true }));
    expect(paths.map((path) => path.slice(-10))).toEqual(['0000000000', '0000000001', '0000000002']);
    expect(new Set(paths.map((path) => path.split('_')[0])).size).toBe(3);
  });
});

describe('multi', () => {
  it('is all or nothing and names the op that was refused', async () => {
    await client.create('/o/a', EMPTY);
    const refused = client.multi([
      { op: 'set', path: '/o/a', data: Buffer.from('x'), version: 0 },
      { op: 'create', path: '/o/b', data: EMPTY },
      { op: 'check', path: '/o/none', version: 0 },
      { op: 'remove', path: '/o/a', version: 1 },
    ]);
    await expect(refused).rejects.toMatchObject({ code: 'no_node', failedOp: 2 });
    expect(await client.children('/o')).toEqual(['a']);
    expect((await client.get('/o/a'))?.version).toBe(0);
  });

  it('takes version 0 for version 0 (the library takes it for any)', async () => {
    await client.create('/o/a', EMPTY);
    await client.set('/o/a', EMPTY);
    for (const op of [
      { op: 'check', path: '/o/a', version: 0 },
      { op: 'set', path: '/o/a', data: EMPTY, version: 0 },
      { op: 'remove', path: '/o/a', version: 0 },
    ] as const) {
      await expect(client.multi([op])).rejects.toMatchObject({ code: 'bad_version', failedOp: 0 });
    }
  });
});

describe('access', () => {
  it('is for the creator alone when there are credentials', async () => {
    const options = { servers: server.connect, sessionTimeoutMs: 4_000 };
    const owner = await ZooKeeper.connect({ ...options, auth: { user: 'u', password: 'p' } });
    const other = await ZooKeeper.connect({ ...options, auth: { user: 'u', password: 'q' } });
    try {
      await owner.ensure('/o/private/deep');
      await expect(client.children('/o/private')).rejects.toMatchObject({ code: 'no_auth' });
      await expect(other.create('/o/private/x', EMPTY)).rejects.toMatchObject({ code: 'no_auth' });
      expect(await client.exists('/o/private/deep')).toBe(true);
      await expect(other.set('/o/private/deep', EMPTY)).rejects.toMatchObject({ code: 'no_auth' });
      expect(await owner.children('/o/private')).toEqual(['deep']);
      await owner.removeTree('/o/private');
    } finally {
      await owner.close();
      await other.close();
    }
  });
});

describe('options', () => {
  it.each([
    { servers: 'zk://h:1', sessionTimeoutMs: 4_000 },
    { servers: '', sessionTimeoutMs: 4_000 },
    { servers: 'h:1', sessionTimeoutMs: 0 },
    { servers: 'h:1', sessionTimeoutMs: NaN },
    { servers: 'h:1', sessionTimeoutMs: 4_000, deadlineMs: -1 },
  ])('refuses %j', async (options) => {
    await expect(ZooKeeper.connect(options)).rejects.toMatchObject({ code: 'invalid' });
  });
});
