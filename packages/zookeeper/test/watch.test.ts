import { startZooKeeper, until, type ZooKeeperServer } from '@cotton/setup';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ZooKeeper } from '../src/index.ts';
import { Proxy } from './proxy.ts';

const EMPTY = Buffer.alloc(0);

let server: ZooKeeperServer;
let proxy: Proxy;
let direct: ZooKeeper;
let client: ZooKeeper;

beforeAll(async () => {
  server = await startZooKeeper({ tickTimeMs: 200 });
  direct = await ZooKeeper.connect({ servers: server.connect, sessionTimeoutMs: 4_000 });
});
afterAll(async () => {
  await direct?.close();
  await server?.stop();
});
beforeEach(async () => {
  await direct.removeTree('/w');
  await direct.ensure('/w');
  proxy = await Proxy.start(server.port);
  client = await ZooKeeper.connect({ servers: proxy.connect, sessionTimeoutMs: 1_000, deadlineMs: 10_000 });
});
afterEach(async () => {
  proxy.trouble = 'none';
  await client.close();
  await proxy.stop();
});

/** What a watch of `/w/n` told, as text. */
function watchData(path = '/w/n'): { seen: string[]; stop: () => void } {
  const seen: string[] = [];
  const stop = client.watch(path, (node) => seen.push(node ? node.data.toString() : 'none'));
  return { seen, stop };
}

describe('watch', () => {
  it('tells the present and every later state: missing, created, changed, removed, created again', async () => {
    const { seen } = watchData();
    await until(() => seen.length === 1);
    for (const step of [
      () => direct.create('/w/n', Buffer.from('a')),
      () => direct.set('/w/n', Buffer.from('b')),
      () => direct.remove('/w/n'),
      () => direct.create('/w/n', Buffer.from('b')),
    ]) {
      const before = seen.length;
      await step();
      await until(() => seen.length > before);
    }
    expect(seen).toEqual(['none', 'a', 'b', 'none', 'b']);
  });

  it('tells what it reads first on a connection from what changes on it', async () => {
    const seen: [string, boolean][] = [];
    client.watch('/w/n', (node, isFirst) => seen.push([node ? node.data.toString() : 'none', isFirst]));
    await until(() => seen.length === 1);
    await direct.create('/w/n', Buffer.from('a'));
    await until(() => seen.length === 2);
    proxy.trouble = 'refuse';
    proxy.cut();
    await direct.set('/w/n', Buffer.from('b'));
    proxy.trouble = 'none';
    await until(() => seen.length === 3);
    await direct.set('/w/n', Buffer.from('c'));
    await until(() => seen.length === 4);
    // The session is the same or another: what counts is the connection.
    expect(seen).toEqual([
      ['none', true],
      ['a', false],
      ['b', true],
      ['c', false],
    ]);
  });

  it('skips states in a burst, never the last', async () => {
    await direct.create('/w/n', Buffer.from('start'));
    const { seen } = watchData();
    await until(() => seen.length === 1);
    await Promise.all(Array.from({ length: 200 }, (_, n) => direct.set('/w/n', Buffer.from(`${n}`))));
    await until(() => seen.at(-1) === '199');
    expect(seen.length).toBeLessThanOrEqual(201);
  });

  it('learns what changed while the connection was down', async () => {
    await direct.create('/w/n', Buffer.from('a'));
    const { seen } = watchData();
    await until(() => seen.length === 1);
    proxy.trouble = 'refuse';
    proxy.cut();
    await until(() => client.state === 'connecting');
    await direct.set('/w/n', Buffer.from('b'));
    proxy.trouble = 'none';
    await until(() => seen.at(-1) === 'b');
    await direct.set('/w/n', Buffer.from('c'));
    await until(() => seen.at(-1) === 'c');
  });

  it('goes on in a new session', async () => {
    await direct.create('/w/n', Buffer.from('a'));
    const { seen } = watchData();
    await until(() => seen.length === 1);
    proxy.trouble = 'stall';
    await until(() => client.state === 'lost' || client.state === 'connecting');
    await direct.set('/w/n', Buffer.from('b'));
    await until(() => client.freshnessMs() === Infinity);
    proxy.trouble = 'none';
    await until(() => seen.at(-1) === 'b');
    expect(seen).toEqual(['a', 'b']);
  });

  it('tells nothing new when nothing changed, and nothing at all once stopped', async () => {
    await direct.create('/w/n', Buffer.from('a'));
    const { seen, stop } = watchData();
    await until(() => seen.length === 1);
    proxy.cut();
    await client.get('/w/n');
    stop();
    await direct.set('/w/n', Buffer.from('b'));
    await client.get('/w/n');
    expect(seen).toEqual(['a']);
  });

  it('tells of a node that is closed to us, logs it once, and goes on when it is not', async () => {
    const stranger = await ZooKeeper.connect({
      servers: server.connect,
      sessionTimeoutMs: 4_000,
      auth: { user: 'stranger', password: 'x' },
    });
    await stranger.create('/w/n', Buffer.from('a'));
    await stranger.close();
    const logged: unknown[] = [];
    await client.close();
    client = await ZooKeeper.connect({
      servers: proxy.connect,
      sessionTimeoutMs: 4_000,
      log: (message, { watch }) => message.includes('watch') && logged.push(watch),
    });
    const seen: string[] = [];
    client.watch(
      '/w/n',
      (node) => seen.push(node ? node.data.toString() : 'none'),
      () => seen.push('closed'),
    );
    await until(() => seen.length === 1);
    proxy.cut();
    await until(() => seen.length === 2);
    await direct.remove('/w/n');
    proxy.cut();
    await until(() => seen.length === 3);
    await direct.create('/w/n', Buffer.from('b'));
    await until(() => seen.length === 4);
    expect(seen).toEqual(['closed', 'closed', 'none', 'b']);
    expect(logged).toEqual(['/w/n']);
  });

  it('tells re-creation within one transaction', async () => {
    await direct.create('/w/n', Buffer.from('a'));
    const { seen } = watchData();
    await until(() => seen.length === 1);
    await direct.multi([
      { op: 'remove', path: '/w/n', version: 0 },
      { op: 'create', path: '/w/n', data: Buffer.from('b') },
    ]);
    await until(() => seen.at(-1) === 'b');
  });
});

describe('watchChildren', () => {
  it('follows a parent that comes and goes', async () => {
    const seen: (string[] | undefined)[] = [];
    client.watchChildren('/w/p', (names) => seen.push(names));
    await until(() => seen.length === 1);
    await direct.ensure('/w/p');
    await until(() => seen.at(-1)?.length === 0);
    await direct.create('/w/p/b', EMPTY);
    await until(() => seen.at(-1)?.length === 1);
    await direct.create('/w/p/a', EMPTY);
    await until(() => seen.at(-1)?.length === 2);
    expect(seen.at(-1)).toEqual(['a', 'b']);
    await direct.removeTree('/w/p');
    await until(() => seen.length > 4 && seen.at(-1) === undefined);
    expect(seen[0]).toBeUndefined();
  });
});

describe('many nodes', () => {
  it('takes 2,000 nodes, each watched, across a reconnection', async () => {
    const names = Array.from({ length: 2_000 }, (_, n) => `instance-with-a-rather-long-name-${n}`);
    await Promise.all(names.map((name) => direct.create(`/w/${name}`, Buffer.alloc(200, 1))));
    const latest = new Map<string, number>();
    for (const name of names) client.watch(`/w/${name}`, (node) => latest.set(name, node?.version ?? -1));
    await until(() => latest.size === names.length);
    proxy.cut('reset');
    await Promise.all(names.map((name) => direct.set(`/w/${name}`, EMPTY)));
    await until(() => [...latest.values()].every((version) => version === 1));
    expect((await client.children('/w'))?.length).toBe(names.length);
  });
});
