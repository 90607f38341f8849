import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startZooKeeper, until } from '@cotton/setup';
import { expect, it } from 'vitest';
import { ZooKeeper, type ZooKeeperState } from '../src/index.ts';

it('a session that the server has forgotten ends by its word, and a new one takes over calls and watches', async () => {
  const server = await startZooKeeper({ tickTimeMs: 200 });
  const client = await ZooKeeper.connect({
    servers: server.connect,
    sessionTimeoutMs: 4_000,
    deadlineMs: 20_000,
  });
  try {
    const session = client.sessionId;
    const states: ZooKeeperState[] = [];
    client.onState((state) => states.push(state));
    await client.create('/n', Buffer.from('old'));
    const seen: (string | undefined)[] = [];
    client.watch('/n', (node) => seen.push(node?.data.toString()));
    await until(() => seen.includes('old'));

    await server.kill();
    await rm(join(server.dataDir, 'data', 'version-2'), { recursive: true });
    await server.restart();

    await until(() => states.includes('lost') && client.state === 'connected');
    expect(client.sessionId).not.toBe(session);
    await until(() => seen.at(-1) === undefined);
    await client.create('/n', Buffer.from('new'));
    await until(() => seen.at(-1) === 'new');
    expect(seen).toEqual(['old', undefined, 'new']);
  } finally {
    await client.close();
    await server.stop();
  }
});
