import { until } from '@cotton/setup';
import { type ZooKeeper, ZooKeeperError } from '@cotton/zookeeper';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { LeaderElection } from '../src/index.ts';
import { electionPath } from '../src/layout.ts';
import { Clock, SESSION_MS, World } from './world.ts';

let world: World;
let log: string[];

beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());
beforeEach(() => {
  world.fresh();
  log = [];
});
afterEach(() => world.closeClients());

async function candidate(name: string, zookeeper: ZooKeeper): Promise<LeaderElection> {
  const self = { host: name, port: 1, url: `http://${name}` };
  const election = new LeaderElection(zookeeper, world.root, self, {
    onElected: () => log.push(`${name} elected`),
    onLost: () => log.push(`${name} lost`),
  });
  await election.start();
  return election;
}

describe('LeaderElection', () => {
  it('elects one of several, whom all know, and the next when it resigns', async () => {
    const elections: LeaderElection[] = [];
    for (const name of ['a', 'b', 'c']) elections.push(await candidate(name, await world.client()));
    const [a, b, c] = elections as [LeaderElection, LeaderElection, LeaderElection];
    await until(() => elections.every((one) => one.leader()?.host === 'a'));
    expect(elections.map((one) => one.isLeader)).toEqual([true, false, false]);
    await a.resign();
    await until(() => b.leader()?.host === 'b' && c.leader()?.host === 'b');
    expect(a.isLeader).toBe(false);
    expect(log).toEqual(['a elected', 'a lost', 'b elected']);
    await c.resign();
    await b.resign();
    expect(log.at(-1)).toBe('b lost');
  });

  it('never has two leaders in a race', async () => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => world.client()));
    const elections = await Promise.all(clients.map((client, n) => candidate(`s${n}`, client)));
    for (let left = elections.length; left > 0; left -= 1) {
      const leader = await until(() => elections.find((one) => one.isLeader));
      expect(elections.filter((one) => one.isLeader)).toHaveLength(1);
      await leader.resign();
    }
    // Everybody led once, and lost it before the next was elected.
    expect(log.map((line) => line.split(' ')[1])).toEqual(elections.flatMap(() => ['elected', 'lost']));
  });

  it('loses at once when our clock says that the session is gone, and the fence refuses its late writes', async () => {
    const clock = new Clock();
    const sleeper = await world.client({ now: clock.now });
    const asleep = await candidate('sleeper', sleeper);
    await until(() => asleep.isLeader);
    const fence = asleep.fence();
    await sleeper.ensure(`${world.root}/state`);
    await sleeper.multi([
      fence,
      { op: 'set', path: `${world.root}/state`, data: Buffer.from('1'), version: 0 },
    ]);

    const heir = await candidate('heir', await world.client());
    clock.jump(SESSION_MS + 1);
    expect(asleep.isLeader).toBe(false);
    expect(log).toEqual(['sleeper elected', 'sleeper lost']);
    expect(() => asleep.fence()).toThrow(expect.objectContaining({ code: 'not_leader' }));

    await until(() => heir.isLeader);
    const late = sleeper.multi([
      fence,
      { op: 'set', path: `${world.root}/state`, data: Buffer.from('late'), version: 1 },
    ]);
    await expect(late).rejects.toMatchObject({ code: 'no_node', failedOp: 0 });
    await until(() => asleep.leader()?.host === 'heir');
  });

  it('joins again after a lost session and can be elected again', async () => {
    const clock = new Clock();
    const election = await candidate('a', await world.client({ now: clock.now }));
    await until(() => election.isLeader);
    clock.jump(SESSION_MS + 1);
    expect(election.isLeader).toBe(false);
    expect(election.leader()).toBeUndefined();
    await until(() => election.isLeader);
    expect(log).toEqual(['a elected', 'a lost', 'a elected']);
  });

  it('takes the node that an attempt without an answer has left behind', async () => {
    const zookeeper = await world.client();
    await zookeeper.ensure(electionPath(world.root));
    const create = zookeeper.create.bind(zookeeper);
    vi.spyOn(zookeeper, 'create').mockImplementationOnce(async (...args) => {
      await create(...args);
      throw new ZooKeeperError('deadline', 'the answer was lost');
    });
    const election = await candidate('a', zookeeper);
    await until(() => election.isLeader);
    expect(await zookeeper.children(electionPath(world.root))).toHaveLength(1);
  });

  it('does not take over the node of a session that it has lost', async () => {
    const clock = new Clock();
    const zookeeper = await world.client({ now: clock.now });
    await zookeeper.ensure(electionPath(world.root));
    const create = zookeeper.create.bind(zookeeper);
    vi.spyOn(zookeeper, 'create').mockImplementationOnce(async (...args) => {
      const path = await create(...args);
      clock.jump(SESSION_MS + 1);
      return path;
    });
    const election = await candidate('a', zookeeper);
    await until(() => election.isLeader);
    await until(async () => (await zookeeper.children(electionPath(world.root)))?.length === 1);
    expect((await zookeeper.get(election.fence().path))?.ephemeralOwner).toBe(zookeeper.sessionId);
    expect(log).toEqual(['a elected']);
  });

  it('notices that its node was removed', async () => {
    const other = await world.client();
    const election = await candidate('a', await world.client());
    await until(() => election.isLeader);
    const fence = election.fence();
    await other.remove(fence.path);
    await until(() => log.length === 3 && election.isLeader);
    expect(log).toEqual(['a elected', 'a lost', 'a elected']);
    expect(election.fence().path).not.toBe(fence.path);
  });

  it('lets nobody but the leader have the fence', async () => {
    const first = await candidate('a', await world.client());
    const second = await candidate('b', await world.client());
    await until(() => first.isLeader);
    expect(() => second.fence()).toThrow(expect.objectContaining({ code: 'not_leader' }));
  });
});
