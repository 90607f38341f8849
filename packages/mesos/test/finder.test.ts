import { startZooKeeper, until, type ZooKeeperServer } from '@cotton/setup';
import { masterFinder, type MasterFinder } from '../src/index.ts';
import { ZooKeeper } from '@cotton/zookeeper';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

let server: ZooKeeperServer;
let masters: ZooKeeper;
let finder: MasterFinder | undefined;

beforeAll(async () => {
  server = await startZooKeeper({ tickTimeMs: 200 });
  masters = await ZooKeeper.connect({ servers: server.connect, sessionTimeoutMs: 4000, deadlineMs: 20_000 });
});

afterEach(async () => {
  await finder?.close();
  await masters.removeTree('/mesos');
});

afterAll(async () => {
  await masters.close();
  await server.stop();
});

/** A master's node, as a real one writes it. Returns its path. */
function announce(sequence: number, port: number): Promise<string> {
  const address = { hostname: '127.0.0.1', ip: '127.0.0.1', port };
  const info = { address, hostname: '127.0.0.1', id: `m${port}`, ip: 16777343, port, version: '1.12.0' };
  const name = `json.info_${String(sequence).padStart(10, '0')}`;
  return masters.create(`/mesos/${name}`, Buffer.from(JSON.stringify(info)));
}

function follow(): { leaders: (string | undefined)[] } {
  const leaders: (string | undefined)[] = [];
  finder = masterFinder(`zk://${server.connect}/mesos`, { sessionTimeoutMs: 4000 });
  finder.watch((leader) => leaders.push(leader));
  return { leaders };
}

it('follows the smallest number as masters come and go', async () => {
  await masters.ensure('/mesos/log_replicas');
  const { leaders } = follow();
  expect(leaders).toEqual([undefined]);
  const first = await announce(9, 6350);
  await until(() => leaders.at(-1) === 'http://127.0.0.1:6350');
  await announce(12, 6356);
  await announce(11, 6357);
  await masters.remove(first);
  await until(() => leaders.at(-1) === 'http://127.0.0.1:6357');
  await announce(13, 6350);
  await masters.removeTree('/mesos');
  await until(() => leaders.at(-1) === undefined);
  // The tree goes node by node: others may lead for a moment before nobody does.
  expect(leaders.slice(0, 3)).toEqual([undefined, 'http://127.0.0.1:6350', 'http://127.0.0.1:6357']);
});

it('waits for a path that is not there yet, and keeps the leader while ZooKeeper is away', async () => {
  const { leaders } = follow();
  await masters.ensure('/mesos');
  const first = await announce(0, 1);
  await until(() => leaders.at(-1) === 'http://127.0.0.1:1');
  await server.kill();
  await server.restart();
  await until(() => masters.state === 'connected');
  expect(leaders.at(-1)).toBe('http://127.0.0.1:1');
  await announce(2, 2);
  await masters.remove(first);
  await until(() => leaders.at(-1) === 'http://127.0.0.1:2');
});

it('closes while it is still looking for ZooKeeper', async () => {
  const lost = masterFinder('zk://127.0.0.1:1/mesos', { sessionTimeoutMs: 1000 });
  const leaders: unknown[] = [];
  lost.watch((leader) => leaders.push(leader));
  await lost.close();
  expect(leaders).toEqual([undefined]);
});

it('refuses a URL without telling its password', () => {
  expect(() => masterFinder('zk://user:secret@/mesos')).toThrow(expect.objectContaining({ code: 'option' }));
  try {
    masterFinder('zk://user:secret@/mesos');
  } catch (error) {
    expect(String(error)).not.toContain('secret');
  }
});
