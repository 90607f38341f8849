import { LeaderElection } from '@cotton/coordination';
import { controlOf, encodeClusterRecord, type ClusterRecord } from '@cotton/core';
import { World } from '@cotton/core/testing';
import { startZooKeeper, until, type ZooKeeperServer } from '@cotton/setup';
import { type Op, ZooKeeper, ZooKeeperError } from '@cotton/zookeeper';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openState, type OpenedState } from '../src/adapters/state.ts';
import type { SchedulerFlags } from '../src/flags.ts';

/** What becomes of one write of a record: where its answer is lost, and what somebody does before it is looked for. */
type Trouble = 'before' | 'after';

let server: ZooKeeperServer;
let zookeeper: ZooKeeper;
let roots = 0;
beforeAll(async () => {
  server = await startZooKeeper();
  zookeeper = await ZooKeeper.connect({ servers: server.connect, sessionTimeoutMs: 10_000 });
});
afterAll(async () => {
  await zookeeper.close();
  await server.stop();
});

describe('a write of a record whose answer is lost', () => {
  const { record } = World.serving(3);
  const { uid } = record;
  const changed: ClusterRecord = { ...record, epoch: record.epoch + 1 };
  const other: ClusterRecord = { ...record, epoch: record.epoch + 2 };
  let root: string;
  let election: LeaderElection;
  let state: OpenedState;
  let trouble: { kind: Trouble; meanwhile: () => Promise<unknown> } | undefined;

  /** The real client; `trouble` befalls the next write that touches a record. */
  const troubled = (): ZooKeeper =>
    new Proxy(zookeeper, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (name === 'multi') return multi;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  const multi = async (ops: readonly Op[]): Promise<void> => {
    const now = trouble;
    if (!now || !ops.some(({ path }) => path === pathOf())) return zookeeper.multi(ops);
    trouble = undefined;
    if (now.kind === 'after') await zookeeper.multi(ops);
    await now.meanwhile();
    throw new ZooKeeperError('connection_loss', 'lost');
  };
  const pathOf = (): string => `${root}/state/clusters/${uid}`;
  const stored = async (): Promise<[number | undefined, string | undefined]> => {
    const node = await zookeeper.get(pathOf());
    return [node?.version, node?.data.toString()];
  };
  const save = (): Promise<number> => state.port.save(changed, controlOf(changed, {}), 0);
  const textOf = (one: ClusterRecord): string => encodeClusterRecord(one).toString();
  const put = (one: ClusterRecord): Promise<number> => zookeeper.set(pathOf(), encodeClusterRecord(one));
  const nothing = async (): Promise<void> => {};

  beforeEach(async () => {
    trouble = undefined;
    root = `/cotton-${(roots += 1)}`;
    const events = { onElected: () => {}, onLost: () => {} };
    election = new LeaderElection(zookeeper, root, { host: 'h', port: 1, url: 'http://h:1' }, events);
    await election.start();
    await until(() => election.isLeader);
    const flags = { stateStorage: 'zk', zk: { path: root } } as SchedulerFlags;
    state = await openState(flags, troubled(), election);
    expect(await state.port.save(record, controlOf(record, {}), null)).toBe(0);
    return async () => {
      await state.close();
      await election.resign();
    };
  });

  it.each<[Trouble, string]>([
    ['before', 'did not happen, and is done again'],
    ['after', 'happened, and is not done twice'],
  ])('(%s) %s', async (kind) => {
    trouble = { kind, meanwhile: nothing };
    expect(await save()).toBe(1);
    expect(trouble).toBeUndefined();
    expect(await stored()).toEqual([1, textOf(changed)]);
    await state.confirm();
  });

  it('is nobody else’s: a version beyond the one after it says that ZooKeeper was restored', async () => {
    trouble = { kind: 'before', meanwhile: async () => (await put(other), await put(other)) };
    await expect(save()).rejects.toMatchObject({ code: 'conflict' });
    expect(await stored()).toEqual([2, textOf(other)]);
  });

  it('nor is a record that is gone', async () => {
    trouble = { kind: 'before', meanwhile: () => zookeeper.remove(pathOf()) };
    await expect(save()).rejects.toMatchObject({ code: 'conflict' });
    expect(await stored()).toEqual([undefined, undefined]);
  });

  it('a removal that happened is done', async () => {
    trouble = { kind: 'after', meanwhile: nothing };
    await state.port.remove(record, 0);
    expect(await stored()).toEqual([undefined, undefined]);
  });
});
