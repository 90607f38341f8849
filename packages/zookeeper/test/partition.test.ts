import { startZooKeeper, until, type ZooKeeperServer } from '@cotton/setup';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ZooKeeper, type ZooKeeperState } from '../src/index.ts';
import { Proxy } from './proxy.ts';

const SESSION_MS = 1_500;
const EMPTY = Buffer.alloc(0);

let server: ZooKeeperServer;
let proxy: Proxy;
let direct: ZooKeeper;
let client: ZooKeeper;
let states: { state: ZooKeeperState; atMs: number }[];

beforeAll(async () => {
  server = await startZooKeeper({ tickTimeMs: 100 });
  direct = await ZooKeeper.connect({ servers: server.connect, sessionTimeoutMs: SESSION_MS });
});
afterAll(async () => {
  await direct?.close();
  await server?.stop();
});
beforeEach(async () => {
  await direct.removeTree('/t');
  await direct.ensure('/t');
  proxy = await Proxy.start(server.port);
  client = await ZooKeeper.connect({
    servers: proxy.connect,
    sessionTimeoutMs: SESSION_MS,
    deadlineMs: 5_000,
  });
  states = [];
  client.onState((state) => states.push({ state, atMs: performance.now() }));
});
afterEach(async () => {
  proxy.trouble = 'none';
  await client.close();
  await proxy.stop();
});

const entered = (state: ZooKeeperState): Promise<number> =>
  until(() => states.find((change) => change.state === state)?.atMs);

describe('a black-holed connection', () => {
  it('becomes suspect after two thirds of the session timeout and lost after all of it, by our clock', async () => {
    const lastHeardMs = performance.now() - client.freshnessMs();
    proxy.trouble = 'stall';
    const suspectAtMs = await entered('suspect');
    const lostAtMs = await entered('lost');
    // Not before; how soon after is the machine's doing, and liveness.test.ts has the arithmetic.
    expect(suspectAtMs - lastHeardMs).toBeGreaterThanOrEqual((SESSION_MS * 2) / 3 - 1);
    expect(lostAtMs - lastHeardMs).toBeGreaterThanOrEqual(SESSION_MS - 1);
    expect(lostAtMs).toBeGreaterThan(suspectAtMs);
  });

  it('is lost here no later than the server lets our ephemeral nodes vanish', async () => {
    await client.create('/t/mine', EMPTY, { ephemeral: true });
    let stateThen: ZooKeeperState | undefined;
    // Judged by the clock at that moment: whether a timer or the news comes first in a busy process is chance.
    const stop = direct.watch('/t/mine', (node) => (stateThen = node ? undefined : client.state));
    proxy.trouble = 'stall';
    await until(() => stateThen);
    stop();
    expect(stateThen).toBe('lost');
  });

  it('is left for another server within the session', async () => {
    const second = await Proxy.start(server.port);
    const first = await Proxy.start(server.port);
    const both = await ZooKeeper.connect({
      servers: `${first.connect},${second.connect}`,
      sessionTimeoutMs: SESSION_MS,
    });
    try {
      const session = both.sessionId;
      await both.create('/t/mine', EMPTY, { ephemeral: true });
      const [used, other] = first.accepted > 0 ? [first, second] : [second, first];
      used.trouble = 'stall';
      await until(() => other.accepted > 0 && both.state === 'connected');
      expect(both.sessionId).toBe(session);
      expect(await both.exists('/t/mine')).toBe(true);
    } finally {
      await both.close();
      await first.stop();
      await second.stop();
    }
  });

  it('fails calls with session_lost, not with silence', async () => {
    proxy.trouble = 'stall';
    await expect(client.get('/t')).rejects.toMatchObject({ code: 'session_lost' });
  });
});

describe('a broken connection', () => {
  it.each(['end', 'reset'] as const)('(%s) keeps the session and its ephemeral nodes', async (how) => {
    const session = client.sessionId;
    await client.create('/t/mine', EMPTY, { ephemeral: true });
    proxy.cut(how);
    await entered('connecting');
    expect((await client.get('/t/mine'))?.ephemeralOwner).toBe(session);
    expect(client.sessionId).toBe(session);
  });

  it('holds calls back, and ends them by their deadline', async () => {
    const hasty = await ZooKeeper.connect({
      servers: proxy.connect,
      sessionTimeoutMs: SESSION_MS,
      deadlineMs: 300,
    });
    proxy.trouble = 'refuse';
    proxy.cut();
    await until(() => hasty.state === 'connecting');
    const startedAtMs = performance.now();
    await expect(hasty.get('/t')).rejects.toMatchObject({ code: 'deadline' });
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(300 - 1);
    await hasty.close();
  });

  it('answers calls made meanwhile once it is back, in order', async () => {
    proxy.trouble = 'refuse';
    proxy.cut();
    await until(() => client.state === 'connecting');
    const work = [1, 2, 3].map((n) => client.create(`/t/s${n}_`, EMPTY, { sequential: true }));
    proxy.trouble = 'none';
    const paths = await Promise.all(work);
    expect(paths.map((path) => Number(path.slice(-10)))).toEqual([0, 1, 2]);
  });

  it('authenticates before anything that was held back', async () => {
    const auth = { user: 'cotton', password: 'p@ss:word' };
    const secret = await ZooKeeper.connect({ servers: proxy.connect, auth, sessionTimeoutMs: SESSION_MS });
    await secret.create('/t/secret', Buffer.from('s'));
    await expect(direct.get('/t/secret')).rejects.toMatchObject({ code: 'no_auth' });
    for (let round = 0; round < 3; round += 1) {
      proxy.cut('reset');
      const reads = Array.from({ length: 50 }, () => secret.get('/t/secret'));
      for (const node of await Promise.all(reads)) expect(node?.data.toString()).toBe('s');
    }
    await secret.remove('/t/secret');
    await secret.close();
  });

  it('in the middle of a large answer does not spoil the next connection', async () => {
    const large = Buffer.alloc(900_000, 7);
    await direct.create('/t/large', large);
    for (let round = 0; round < 3; round += 1) {
      const before = proxy.answered;
      const reading = client.get('/t/large');
      await until(() => proxy.answered > before);
      proxy.cut('reset');
      expect((await reading)?.data.equals(large)).toBe(true);
    }
  });
});

describe('a write whose answer is lost', () => {
  /** Lets the request through to the server, loses the answer and cuts the connection. */
  async function losingTheAnswer<T>(write: () => Promise<T>): Promise<T> {
    proxy.trouble = 'swallow_answers';
    const work = write();
    work.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    proxy.trouble = 'none';
    proxy.cut('reset');
    return work;
  }

  it('creates a sequential ephemeral node once', async () => {
    const path = await losingTheAnswer(() =>
      client.create('/t/n_', Buffer.from('x'), { ephemeral: true, sequential: true }),
    );
    expect(await direct.children('/t')).toEqual([path.slice('/t/'.length)]);
  });

  it('recognises its own ephemeral node', async () => {
    await losingTheAnswer(() => client.create('/t/e', Buffer.from('x'), { ephemeral: true }));
    expect((await direct.get('/t/e'))?.ephemeralOwner).toBe(client.sessionId);
  });

  it('gives the version that it set', async () => {
    await client.create('/t/v', EMPTY);
    expect(await losingTheAnswer(() => client.set('/t/v', Buffer.from('1'), 0))).toBe(1);
    expect((await direct.get('/t/v'))?.version).toBe(1);
  });

  it('applies a multi once, and says so', async () => {
    await client.create('/t/v', EMPTY);
    await losingTheAnswer(() =>
      client.multi([
        { op: 'check', path: '/t', version: 0 },
        { op: 'set', path: '/t/v', data: Buffer.from('1'), version: 0 },
        { op: 'create', path: '/t/w', data: Buffer.from('2') },
      ]),
    );
    expect((await direct.get('/t/v'))?.version).toBe(1);
    expect((await direct.get('/t/w'))?.data.toString()).toBe('2');
  });

  it('does not take the write of another for its own', async () => {
    await client.create('/t/v', EMPTY);
    await direct.set('/t/v', Buffer.from('theirs'), 0);
    const refused = losingTheAnswer(() => client.set('/t/v', Buffer.from('ours'), 0));
    await expect(refused).rejects.toMatchObject({ code: 'connection_loss' });
    expect((await direct.get('/t/v'))?.data.toString()).toBe('theirs');
  });

  it('does not repeat a multi whose sequential names would hide that it was done', async () => {
    const refused = losingTheAnswer(() =>
      client.multi([{ op: 'create', path: '/t/member_', data: EMPTY, sequential: true }]),
    );
    await expect(refused).rejects.toMatchObject({ code: 'connection_loss' });
    expect(await direct.children('/t')).toHaveLength(1);
  });
});

describe('an expired session', () => {
  it('leads to a new one in which ephemeral nodes can be made again', async () => {
    const session = client.sessionId;
    await client.create('/t/mine', EMPTY, { ephemeral: true });
    proxy.trouble = 'stall';
    await entered('lost');
    await until(async () => !(await direct.exists('/t/mine')));
    proxy.trouble = 'none';
    await entered('connected');
    expect(client.sessionId).not.toBe(session);
    await client.create('/t/mine', EMPTY, { ephemeral: true });
    expect((await direct.get('/t/mine'))?.ephemeralOwner).toBe(client.sessionId);
  });

  it('is not caused by a restart of the server', async () => {
    const session = client.sessionId;
    await client.create('/t/mine', EMPTY, { ephemeral: true });
    await server.kill();
    await server.restart();
    expect((await client.get('/t/mine'))?.ephemeralOwner).toBe(session);
  });
});

describe('closing', () => {
  it('removes ephemeral nodes at once', async () => {
    await client.create('/t/mine', EMPTY, { ephemeral: true });
    await client.close();
    expect(await direct.exists('/t/mine')).toBe(false);
    expect(client.state).toBe('closed');
    await expect(client.get('/t')).rejects.toMatchObject({ code: 'closed' });
  });

  it('comes to its end when the server does not answer', async () => {
    proxy.trouble = 'stall';
    await client.close();
    expect(client.state).toBe('closed');
  });
});

describe('connecting', () => {
  it('fails by the deadline when nobody answers', async () => {
    proxy.trouble = 'stall';
    const refused = ZooKeeper.connect({
      servers: proxy.connect,
      sessionTimeoutMs: SESSION_MS,
      deadlineMs: 500,
    });
    await expect(refused).rejects.toMatchObject({ code: 'deadline' });
  });
});
