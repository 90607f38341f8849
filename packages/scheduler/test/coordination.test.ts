import { discoverPath, LeaderElection, resolve } from '@cotton/coordination';
import type { Discovery } from '@cotton/core';
import { startZooKeeper, until, type ZooKeeperServer } from '@cotton/setup';
import { type Op, ZooKeeper } from '@cotton/zookeeper';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { coordinationPort } from '../src/adapters/coordination.ts';
import type { CoordinationPort } from '../src/engine/ports.ts';

const ROOT = '/cotton';
const PATH = discoverPath(ROOT, 'demo');
const WANTED: Discovery = {
  primary: { instance: 'demo-0', ordinal: 0, host: 'h', port: 1, httpPort: 2 },
  replicas: [],
};
const FOUND = { primary: { host: 'h', port: 1, httpPort: 2, shard: 0 }, replicas: [] };

let server: ZooKeeperServer;
let zookeeper: ZooKeeper;
/** Whose nodes are closed to the scheduler. */
let stranger: ZooKeeper;
let election: LeaderElection;
beforeAll(async () => {
  server = await startZooKeeper();
  const options = { servers: server.connect, sessionTimeoutMs: 10_000 };
  zookeeper = await ZooKeeper.connect(options);
  stranger = await ZooKeeper.connect({ ...options, auth: { user: 'stranger', password: 'x' } });
  const elected = Promise.withResolvers<void>();
  const candidate = { host: 'h', port: 1, url: 'http://h:1' };
  election = new LeaderElection(zookeeper, ROOT, candidate, {
    onElected: elected.resolve,
    onLost: () => undefined,
  });
  await election.start();
  await elected.promise;
});
afterAll(async () => {
  await election?.resign();
  await stranger?.close();
  await zookeeper?.close();
  await server?.stop();
});

/** A port that counts its tries, and what it warned of. */
async function counted(): Promise<{ port: CoordinationPort; warnings: string[]; tries: () => number }> {
  const warnings: string[] = [];
  let tries = 0;
  const port = await coordinationPort({
    zookeeper,
    root: ROOT,
    election: {
      fence(): Op {
        tries += 1;
        return election.fence();
      },
    } as LeaderElection,
    memberSessionTimeoutMs: 10_000,
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: (_, message) => warnings.push(message),
      error: () => undefined,
    },
  });
  return { port, warnings, tries: () => tries };
}

it.each<[string, string, (port: CoordinationPort) => Promise<void>, object | undefined]>([
  ['publication', PATH, (port) => port.publishDiscovery('demo', WANTED), FOUND],
  ['removal', `${PATH}/stray/below`, (port) => port.removeDiscovery('demo'), undefined],
])('nodes of a stranger hold up a %s, told once, until they are gone', async (_, stray, write, found) => {
  const { port, warnings, tries } = await counted();
  await stranger.ensure(stray);
  const written = write(port);
  await Promise.race([until(() => tries() >= 3), written]);
  expect(warnings).toEqual([expect.stringContaining(`${PATH}: what somebody else has put there`)]);
  await stranger.removeTree(PATH);
  await written;
  expect(await resolve(zookeeper, PATH)).toEqual(found);
});
