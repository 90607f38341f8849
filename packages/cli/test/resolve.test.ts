import { startZooKeeper, type ZooKeeperServer } from '@cotton/setup';
import { ZooKeeper } from '@cotton/zookeeper';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { answer, cluster, refusal, World } from '../src/testing.ts';

let server: ZooKeeperServer;
let world: World;

beforeAll(async () => {
  server = await startZooKeeper({});
  const zookeeper = await ZooKeeper.connect({ servers: server.connect, sessionTimeoutMs: 10_000 });
  const member = (host: string, shard: number) =>
    Buffer.from(
      JSON.stringify({
        serviceEndpoint: { host, port: 31000 },
        additionalEndpoints: {},
        status: 'ALIVE',
        shard,
      }),
    );
  for (const group of ['master', 'slaves']) await zookeeper.ensure(`/cotton/discover/demo/${group}`);
  await zookeeper.create('/cotton/discover/demo/master/member_0000000000', member('127.0.0.2', 0), {});
  await zookeeper.create('/cotton/discover/demo/slaves/member_0000000000', member('127.0.0.3', 1), {});
  await zookeeper.close();
  world = await World.create(({ path }) =>
    path === '/clusters/demo'
      ? answer(cluster({ cluster_url: `zk://${server.connect}/cotton/discover/demo` }))
      : refusal('cluster_not_found'),
  );
});
afterAll(async () => {
  await world.close();
  await server.stop();
});

describe('cotton resolve', () => {
  it('prints who is primary and replica, by name', async () => {
    const { code, out, err } = await world.run(['resolve', 'demo']);
    expect({ code, out, err }).toEqual({
      code: 0,
      out: 'primary  127.0.0.2:31000\nreplica  127.0.0.3:31000\n',
      err: '',
    });
  });

  it('needs no scheduler for an address', async () => {
    const url = `zk://${server.connect}/cotton/discover/demo`;
    const { code, out } = await world.run(['resolve', url, '--json'], { COTTON_API: '' });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      cluster_url: url,
      primary: { host: '127.0.0.2', port: 31000 },
      replicas: [{ host: '127.0.0.3', port: 31000 }],
    });
  });

  it('tells what is missing from what is wrong', async () => {
    const { code } = await world.run(['resolve', `zk://${server.connect}/cotton/discover/none`]);
    expect(code).toBe(EXIT_CODES.not_found.code);
    expect((await world.run(['resolve', 'none'])).code).toBe(EXIT_CODES.not_found.code);
    expect((await world.run(['resolve', 'zk://'])).code).toBe(EXIT_CODES.usage.code);
  });
});
