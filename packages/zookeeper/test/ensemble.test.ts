import { startZooKeeperEnsemble, until } from '@cotton/setup';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ZooKeeper, type ZooKeeperState } from '../src/index.ts';

const SESSION_MS = 6_000;

let ensemble: Awaited<ReturnType<typeof startZooKeeperEnsemble>>;
let client: ZooKeeper;

beforeAll(async () => {
  ensemble = await startZooKeeperEnsemble({ members: 3, tickTimeMs: 300 });
  client = await ZooKeeper.connect({
    servers: ensemble.connect,
    sessionTimeoutMs: SESSION_MS,
    deadlineMs: 20_000,
  });
});
afterAll(async () => {
  await client?.close();
  await ensemble?.stop();
});

it('keeps session, ephemeral nodes, watches and calls through the death of each member in turn', async () => {
  const session = client.sessionId;
  const states: ZooKeeperState[] = [];
  client.onState((state) => states.push(state));
  await client.create('/mine', Buffer.from('0'), { ephemeral: true });
  let seen = '';
  client.watch('/mine', (node) => (seen = node?.data.toString() ?? 'none'));
  let version = 0;
  for (const server of ensemble.servers) {
    await server.kill();
    version = await client.set('/mine', Buffer.from(`${version + 1}`), version);
    await until(() => seen === `${version}`);
    await server.restart();
  }
  expect(version).toBe(3);
  expect((await client.get('/mine'))?.ephemeralOwner).toBe(session);
  expect(states).toContain('connecting');
  expect(states).not.toContain('lost');
});

it('waits out the loss of the majority', async () => {
  const [first, second] = ensemble.servers;
  await client.create('/after', Buffer.from('0'));
  await Promise.all([first?.kill(), second?.kill()]);
  await until(() => client.state !== 'connected');
  await Promise.all([first?.restart(), second?.restart()]);
  // However long the servers took: with the same session or a new one.
  await until(() => client.set('/after', Buffer.from('1')).catch(() => undefined));
});
