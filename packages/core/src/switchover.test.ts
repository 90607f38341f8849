import { describe, expect, it } from 'vitest';
import { currentGeneration, votersOf } from './electorate.ts';
import { discoveryOf } from './publish.ts';
import { beginSwitchover } from './switchover.ts';
import { World } from './testing.ts';
import { viewOf } from './view.ts';

const U = 'aaaaaaaa-0000-4000-8000-000000000000';
const REQUEST = { to: undefined, deadlineMs: 10_000, graceMs: 500, despiteObstacles: false };

function begun(world: World, request: Partial<Parameters<typeof beginSwitchover>[1]> = {}): void {
  const answer = beginSwitchover(world.record, { ...REQUEST, ...request }, world.seen());
  if (!answer.ok) throw new Error(answer.reason);
  world.record = answer.record;
}

describe('a switchover', () => {
  it('hands over to the target, with the old primary among its voters', () => {
    const world = World.serving(3);
    world.data.set('demo-0', `${U}:1-9`);
    begun(world, { to: 'demo-2' });
    expect(viewOf(world.record, world.seen(), new Map()).state).toBe('SWITCHING');
    world.settle();
    expect(world.record).toMatchObject({
      phase: 'steady',
      epoch: 2,
      elected: `${U}:1-9`,
      primary: { instance: 'demo-2' },
    });
    expect(votersOf(world.record).map((v) => v.instance)).toEqual(['demo-1', 'demo-0']);
    expect(world.record.transitions.at(-1)).toMatchObject({
      kind: 'switchover',
      outcome: 'ok',
      from: 'demo-0',
      to: 'demo-2',
    });
  });

  it('is SWITCHING until the target has opened, which is its last step', () => {
    const world = World.serving(3);
    begun(world, { to: 'demo-2' });
    for (const id of ['demo-0', 'demo-1', 'demo-2']) world.obey(id);
    world.decide();
    world.obey('demo-2');
    world.decide();
    expect(world.record).toMatchObject({ phase: 'steady', openedAtMs: null });
    expect(viewOf(world.record, world.seen(), new Map()).state).toBe('SWITCHING');
    world.settle();
    expect(viewOf(world.record, world.seen(), new Map()).state).toBe('HEALTHY');
    expect(world.record.transitions.at(-1)?.steps.map(({ step }) => step)).toEqual([
      'began',
      'closed',
      'decided',
      'opened',
    ]);
  });

  it('takes the primary out of discovery when it has closed, not before', () => {
    const world = World.serving(3);
    begun(world);
    expect(discoveryOf(world.record, world.seen()).primary?.instance).toBe('demo-0');
    world.obey('demo-0');
    expect(discoveryOf(world.record, world.seen()).primary).toBeNull();
  });

  it('opens nothing before the target has everything that was handed over', () => {
    const world = World.serving(3);
    begun(world);
    world.obey('demo-0');
    world.decide();
    world.obey('demo-1', { reached: `${U}:1-3` });
    world.decide();
    expect(world.record).toMatchObject({ phase: 'switching', epoch: 1 });
  });

  it('does not take the answer to an earlier attempt', () => {
    const world = World.serving(3);
    begun(world);
    world.obey('demo-0');
    const { handedOver } = world.statuses.get('demo-0') ?? {};
    world.nowMs += REQUEST.deadlineMs;
    world.settle();
    begun(world);
    world.obey('demo-0', { role: 'none', lead: null, handedOver: handedOver ?? null });
    world.decide();
    expect(world.record.switchover).toMatchObject({ handedOver: null });
  });

  it('is taken back at its deadline, in the same epoch and electorate', () => {
    const world = World.serving(3);
    const { number } = currentGeneration(world.record) ?? {};
    begun(world);
    expect(world.decide().wakeAtMs).toBe(world.nowMs + REQUEST.deadlineMs);
    world.nowMs += REQUEST.deadlineMs;
    world.decide();
    expect(world.record).toMatchObject({ phase: 'steady', epoch: 1, primary: { instance: 'demo-0' } });
    expect(currentGeneration(world.record)?.number).toBe(number);
    expect(world.record.transitions.at(-1)).toMatchObject({
      outcome: 'rolled_back',
      detail: 'it was not done by its deadline',
    });
  });

  it('is taken back when the target is lost', () => {
    const world = World.serving(3);
    begun(world, { to: 'demo-1' });
    world.obey('demo-1', { mysqld: 'down', replication: null });
    world.decide();
    expect(world.record).toMatchObject({ phase: 'steady', primary: { instance: 'demo-0' } });
  });

  it('becomes an election when the primary dies', () => {
    const world = World.serving(3);
    begun(world);
    world.obey('demo-0', { mysqld: 'down', role: 'none', lead: null });
    world.settle(['demo-1', 'demo-2']);
    expect(world.record).toMatchObject({ phase: 'steady', epoch: 2, primary: { instance: 'demo-1' } });
    expect(world.record.transitions.map((t) => t.outcome)).toEqual(['ok', 'rolled_back', 'ok']);
  });

  it.each([
    ['demo-0', 'is the primary already'],
    ['demo-9', 'there is no demo-9'],
  ])('to %s is refused: %s', (to, reason) => {
    const world = World.serving(3);
    const answer = beginSwitchover(world.record, { ...REQUEST, to }, world.seen());
    expect(answer).toMatchObject({ ok: false, reason: expect.stringContaining(reason) as unknown });
  });

  it('to a replica that is not in sync, or must never be promoted, is refused', () => {
    const world = World.serving(3);
    world.obey('demo-1', { replication: null });
    expect(beginSwitchover(world.record, { ...REQUEST, to: 'demo-1' }, world.seen()).ok).toBe(false);
    world.record = { ...world.record, spec: { ...world.record.spec, promotion: { 'demo-2': 'never' } } };
    expect(beginSwitchover(world.record, REQUEST, world.seen()).ok).toBe(false);
  });

  describe('to one that is slow to apply what it receives', () => {
    function lagging(...ids: string[]): World {
      const world = World.serving(3);
      ids.forEach((id) => world.lagging.add(id));
      world.settle();
      return world;
    }

    it('is refused, unless it is meant', () => {
      const world = lagging('demo-1');
      const answer = beginSwitchover(world.record, { ...REQUEST, to: 'demo-1' }, world.seen());
      expect(answer).toMatchObject({
        ok: false,
        reason: expect.stringMatching(/demo-1 is seconds behind.*despite_obstacles/) as unknown,
      });
      begun(world, { to: 'demo-1', despiteObstacles: true });
      world.settle();
      expect(world.record.primary?.instance).toBe('demo-1');
    });

    it('is left for another one, where nobody is named', () => {
      const world = lagging('demo-1');
      begun(world);
      expect(world.record.switchover?.to).toBe('demo-2');
    });

    it('is refused where there is no other; where it is meant, the best of them is taken', () => {
      const world = lagging('demo-1', 'demo-2');
      expect(beginSwitchover(world.record, REQUEST, world.seen()).ok).toBe(false);
      begun(world, { despiteObstacles: true });
      expect(world.record.switchover?.to).toBe('demo-1');
    });

    it('goes on when the target begins to lag: the deadline is for that', () => {
      const world = World.serving(3);
      begun(world, { to: 'demo-1' });
      world.lagging.add('demo-1');
      world.settle();
      expect(world.record.primary?.instance).toBe('demo-1');
    });
  });
});
