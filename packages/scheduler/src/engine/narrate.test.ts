import { beginSwitchover, failOver, setDurability, setHold } from '@cotton/core';
import { World } from '@cotton/core/testing';
import { describe, expect, it } from 'vitest';
import { narrate } from './narrate.ts';

/** What followers are told on the way from one record to the next ones. */
function told(world: World, act: () => void): string[] {
  const before = world.record;
  act();
  return narrate(before, world.record).map(({ kind, message }) => `${kind} ${message}`);
}

describe('what followers are told', () => {
  it('of a new cluster', () =>
    expect(narrate(undefined, new World(3).record)).toMatchObject([{ kind: 'created', cluster: 'demo' }]));

  it('of wishes, once each', () => {
    const world = World.serving(3);
    expect(told(world, () => (world.record = setHold(world.record, true)))).toEqual([
      'changed no automatic failover from now on',
    ]);
    expect(told(world, () => (world.record = setDurability(world.record, { acks: 2 })))).toEqual([
      expect.stringContaining('changed durability {"acks":2'),
    ]);
    expect(told(world, () => (world.record = { ...world.record }))).toEqual([]);
  });

  it('of an election: that it began, and how it ended', () => {
    const world = World.serving(3);
    world.obey('demo-0', { mysqld: 'down', role: 'none', lead: null });
    expect(told(world, () => world.decide())).toEqual(['election mysqld of demo-0 died']);
    const [began] = narrate({ ...world.record, election: null }, world.record);
    expect(began?.transition).toMatchObject({ outcome: 'running', from: 'demo-0', to: null });
    expect(told(world, () => world.settle(['demo-1', 'demo-2']))).toEqual([
      'transition failover from demo-0 to demo-1, ok: mysqld of demo-0 died',
      expect.stringMatching(/^electorate generation \d+: a commit on demo-1 waits for 1 of demo-2$/),
    ]);
  });

  it('of a switchover that it is over when its target has opened, not before', () => {
    const world = World.serving(3);
    const begun = () => {
      const answer = beginSwitchover(
        world.record,
        { to: 'demo-2', deadlineMs: 9_000, graceMs: 0, despiteObstacles: false },
        world.seen(),
      );
      if (answer.ok) world.record = answer.record;
    };
    expect(told(world, begun)).toEqual(['switchover demo-0 to demo-2']);
    for (const id of ['demo-0', 'demo-1']) world.obey(id);
    world.decide();
    world.obey('demo-2');
    expect(told(world, () => world.decide())).toEqual([expect.stringContaining('electorate generation')]);
    expect(told(world, () => world.settle())).toEqual([
      'transition switchover from demo-0 to demo-2, ok: asked for',
    ]);
  });

  it('of what an operator forced', () => {
    const world = World.serving(3);
    world.obey('demo-0', { mysqld: 'down', role: 'none', lead: null });
    world.decide();
    world.record = failOver(world.record, { to: undefined, force: true }, world.seen());
    world.nowMs += 3_000;
    world.obey('demo-1');
    expect(told(world, () => world.decide())).toEqual([
      'election goes on without some reports: an operator forced it',
    ]);
  });
});
