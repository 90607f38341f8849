import { describe, expect, it } from 'vitest';
import type { Voter } from './documents.ts';
import { changeElectorate, currentGeneration, isOneStep, votersOf } from './electorate.ts';
import type { Generation } from './record.ts';
import { resizeCluster, setDurability } from './requests.ts';
import { agentOffer, World } from './testing.ts';
import { viewOf } from './view.ts';

const voter = (name: string, bootId = 'b'): Voter => ({
  instance: name,
  volumeId: `v-${name}`,
  serverUuid: `u-${name}`,
  bootId,
});
const voters = (names: string): Voter[] => [...names].map((n) => voter(n));

describe('isOneStep', () => {
  const from = (names: string, ackCount: number): Generation => ({
    number: 1,
    epoch: 1,
    primary: {
      instance: 'p',
      taskId: 't',
      incarnation: 1,
      data: { volumeId: 'v', serverUuid: 'u' },
    },
    elected: '',
    voters: voters(names),
    ackCount,
  });

  it.each([
    ['ab', 1, 'bc', 1, true, 'one acknowledgement is in the old or the new set'],
    ['abc', 2, 'bcd', 2, false, 'one of the leaver and one of the joiner would add up'],
    ['abc', 2, 'abcd', 2, true, 'only a join'],
    ['abc', 2, 'bc', 2, true, 'only a leave'],
    ['abc', 1, 'abc', 2, true, 'only the count'],
    ['abc', 1, 'abcd', 2, false, 'count and set'],
    ['', 0, 'ab', 1, true, 'nobody acknowledged before'],
    ['ab', 1, '', 0, true, 'the primary alone has everything'],
  ])('%s/%i to %s/%i: %s, because %s', (old, oldCount, next, nextCount, answer) => {
    expect(isOneStep(from(old, oldCount), voters(next), nextCount)).toBe(answer);
  });

  it('takes a rebooted member for another one', () => {
    const rebooted = [voter('a', 'later'), voter('b'), voter('c')];
    expect(isOneStep(from('abc', 2), rebooted, 2)).toBe(false);
    expect(isOneStep(from('abc', 1), rebooted, 1)).toBe(true);
  });
});

describe('a change of the electorate', () => {
  it('keeps the generations before it until the primary has settled it', () => {
    const world = World.serving(3);
    const before = currentGeneration(world.record)?.number ?? 0;
    world.obey('demo-2', { mysqld: 'down', replication: null });
    world.decide();
    expect(world.record.electorate.map((g) => g.voters.length)).toEqual([2, 1]);
    const lead = { epoch: 1, ackCount: 1, enforcing: before + 1, settled: before, degrade: null };
    world.obey('demo-0', { lead });
    world.decide();
    expect(world.record.electorate).toHaveLength(2);
    world.obey('demo-0', { lead: { ...lead, settled: before + 1 } });
    world.decide();
    expect(world.record.electorate.map((g) => g.number)).toEqual([before + 1]);
  });

  it('waits until our connection has lasted: what is seen may be an old copy', () => {
    const world = World.serving(3);
    world.absenceCounts = false;
    world.obey('demo-2', { mysqld: 'down', replication: null });
    world.decide();
    expect(votersOf(world.record)).toHaveLength(2);
    world.absenceCounts = true;
    world.decide();
    expect(votersOf(world.record)).toHaveLength(1);
  });

  it('bars who left until it says, of this generation, that it is silent', () => {
    const world = World.serving(3);
    world.obey('demo-2', { mysqld: 'down', replication: null, acks: { generation: 1, on: false } });
    world.settle(['demo-0', 'demo-1']);
    expect(Object.keys(world.record.barred)).toEqual(['demo-2']);
    world.settle();
    expect(world.record.barred).toEqual({});
    expect(votersOf(world.record)).toHaveLength(2);
  });

  it('does not begin before the primary follows the present one', () => {
    const world = World.serving(3);
    world.obey('demo-2', { mysqld: 'down', replication: null });
    world.decide();
    const number = currentGeneration(world.record)?.number;
    world.obey('demo-2');
    world.decide();
    expect(currentGeneration(world.record)?.number).toBe(number);
  });

  it('with two acknowledgements waits until the one before is settled', () => {
    const world = World.serving(5);
    world.obey('demo-4', { mysqld: 'down', replication: null });
    world.decide();
    const current = currentGeneration(world.record)?.number ?? 0;
    const lead = { epoch: 1, ackCount: 2, enforcing: current, settled: current - 1, degrade: null };
    world.obey('demo-0', { lead });
    world.obey('demo-4');
    world.decide();
    expect(currentGeneration(world.record)?.number).toBe(current);
    world.obey('demo-0', { lead: { ...lead, settled: current } });
    world.decide();
    expect(votersOf(world.record)).toHaveLength(4);
  });

  it('never leaves fewer voters than acknowledgements, but lets the primary ask to go alone', () => {
    const world = World.serving(2);
    world.obey('demo-1', { mysqld: 'down', replication: null });
    world.settle(['demo-0']);
    expect(votersOf(world.record)).toHaveLength(1);
    const current = currentGeneration(world.record)?.number ?? 0;
    world.obey('demo-0', {
      lead: { epoch: 1, ackCount: 1, enforcing: current, settled: current, degrade: current - 1 },
    });
    world.decide();
    expect(votersOf(world.record)).toHaveLength(1);
    world.obey('demo-0', {
      lead: { epoch: 1, ackCount: 1, enforcing: current, settled: current, degrade: current },
    });
    world.decide();
    expect(currentGeneration(world.record)).toMatchObject({ voters: [], ackCount: 0 });
  });

  it('under min_in_sync never goes alone, and takes a rebooted voter back', () => {
    const world = World.serving(2);
    world.record = setDurability(world.record, { minInSync: 1 });
    const { number: generation = 0 } = currentGeneration(world.record) ?? {};
    world.obey('demo-1', { bootId: 'later', acks: { generation, on: false } });
    world.decide();
    expect(votersOf(world.record)).toEqual([expect.objectContaining({ bootId: 'later' })]);
  });

  it('under min_in_sync makes way for another primary when it gets no acknowledgements', () => {
    const world = World.serving(3);
    world.record = setDurability(world.record, { minInSync: 1 });
    const number = currentGeneration(world.record)?.number ?? 0;
    const lead = { epoch: 1, ackCount: 1, enforcing: number, settled: number, degrade: number };
    world.obey('demo-0', { lead });
    world.decide();
    expect(world.record.phase).toBe('steady');
    expect(viewOf(world.record, world.seen(), new Map())).toMatchObject({
      state: 'BLOCKED',
      reason: 'min_in_sync is 1: demo-0 waits for replicas',
    });
    world.nowMs += 30_000;
    world.decide();
    expect(world.record.phase).toBe('electing');
    world.settle();
    expect(world.record).toMatchObject({ phase: 'steady', epoch: 2, primary: { instance: 'demo-1' } });
  });

  it('of the wanted count is one step of its own', () => {
    const world = World.serving(3);
    world.record = resizeCluster(world.record, 5);
    world.decide();
    world.launch([agentOffer(7), agentOffer(8)]);
    const counts = new Set<string>();
    for (let round = 0; round < 4; round++) {
      for (const i of world.record.instances) {
        world.obey(i.id);
        world.decide();
        const { voters: set = [], ackCount } = currentGeneration(world.record) ?? {};
        counts.add(`${set.length}/${ackCount}`);
      }
    }
    expect([...counts]).toEqual(['2/2', '3/2', '4/2']);
  });
});

describe('changeElectorate', () => {
  it('unbars whoever is a voter again', () => {
    const { record } = World.serving(3);
    const [one, two] = votersOf(record);
    if (!one || !two) throw new Error('two voters expected');
    const without = changeElectorate(record, [one], 1);
    expect(Object.keys(without.barred)).toEqual([two.instance]);
    expect(changeElectorate(without, [one, two], 1).barred).toEqual({});
  });
});
