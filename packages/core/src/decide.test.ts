import { describe, expect, it } from 'vitest';
import { detachGraceMs } from './in-sync.ts';
import { discoveryOf } from './publish.ts';
import { deleteCluster, resizeCluster } from './requests.ts';
import { agentOffer, World } from './testing.ts';
import { viewOf } from './view.ts';

const U = 'aaaaaaaa-0000-4000-8000-000000000000';

function state(world: World): string {
  return viewOf(world.record, world.seen(), new Map()).state;
}

describe('a cluster that forms', () => {
  it.each([1, 2, 3, 5])('of %i nodes becomes healthy with its acknowledgement count', (nodes) => {
    const world = World.serving(nodes);
    expect(state(world)).toBe('HEALTHY');
    expect(world.record).toMatchObject({ phase: 'steady', epoch: 1, primary: { instance: 'demo-0' } });
    expect(world.record.ackCount).toBe({ 1: 0, 2: 1, 3: 1, 5: 2 }[nodes]);
  });

  it('serves with the first instance that is up, whichever it is', () => {
    const world = new World(3);
    world.decide();
    world.launch([agentOffer(0), agentOffer(1), agentOffer(2)]);
    world.settle(['demo-2']);
    expect(world.record.primary?.instance).toBe('demo-2');
    expect(state(world)).toBe('CREATING');
  });
});

describe('the death of the primary', () => {
  const died = { mysqld: 'down', role: 'none', ackCount: null } as const;

  it('elects the in-sync member with the most transactions', () => {
    const world = World.serving(3);
    world.data.set('demo-1', `${U}:1-7`);
    world.data.set('demo-2', `${U}:1-9`);
    world.obey('demo-0', died);
    world.settle(['demo-1', 'demo-2']);
    expect(world.record).toMatchObject({ phase: 'steady', epoch: 2, primary: { instance: 'demo-2' } });
    expect(world.record.lastElection).toMatchObject({ from: 'demo-0', to: 'demo-2', epoch: 2 });
    expect(state(world)).toBe('DEGRADED');
  });

  it('takes the primary out of discovery as soon as the election starts', () => {
    const world = World.serving(3);
    world.obey('demo-0', died);
    world.decide();
    const discovery = discoveryOf(world.record, world.seen());
    expect(discovery.primary).toBeNull();
    expect(discovery.replicas.map((r) => r.instance)).toEqual(['demo-1', 'demo-2']);
  });

  it('waits for as many reports as the acknowledgement count demands, and says for whom', () => {
    const world = World.serving(3);
    world.obey('demo-0', died);
    world.settle(['demo-1']);
    expect(world.record.phase).toBe('electing');
    world.nowMs += 5_000;
    expect(viewOf(world.record, world.seen(), new Map())).toMatchObject({
      state: 'BLOCKED',
      reason: expect.stringContaining('demo-2') as unknown,
    });
  });

  it('never counts a report of other data than the one that acknowledged', () => {
    const world = World.serving(3);
    world.obey('demo-0', died);
    world.decide();
    const stranger = { volumeId: 'elsewhere', serverUuid: 'b0000000-0000-4000-8000-000000000000' };
    world.obey('demo-1', { data: stranger });
    world.obey('demo-2');
    world.decide();
    expect(world.record.phase).toBe('electing');
  });

  it('makes a lone primary wait for itself, and opens a new epoch when it is back', () => {
    const world = World.serving(1);
    world.obey('demo-0', { ...died, incarnation: 2 });
    world.decide();
    expect(world.record).toMatchObject({ phase: 'electing', epoch: 2, primary: null });
    world.settle();
    expect(world.record).toMatchObject({ phase: 'steady', epoch: 2, primary: { incarnation: 2 } });
  });

  it('is also told by a new incarnation, when the moment of death went unseen', () => {
    const world = World.serving(3);
    world.obey('demo-0', { role: 'none', incarnation: 2 });
    world.decide();
    expect(world.record.phase).toBe('electing');
  });

  it('does not count on acknowledgements that the primary does not wait for yet', () => {
    const world = World.serving(1);
    world.record = resizeCluster(world.record, 2);
    world.decide();
    world.launch([agentOffer(5)]);
    for (let round = 0; round < 3; round++) {
      world.obey('demo-1');
      world.decide();
    }
    expect(world.record).toMatchObject({ ackCount: 1, confirmedAckCount: 0 });
    world.obey('demo-0', { mysqld: 'down', role: 'none', ackCount: null });
    world.settle(['demo-1']);
    expect(world.record.phase).toBe('electing');
  });

  it('does not dissolve the electorate that it detaches a moment earlier', () => {
    const world = World.serving(3);
    for (const id of ['demo-1', 'demo-2']) {
      const r = world.statuses.get(id)?.replication;
      world.obey(id, { replication: r ? { ...r, attached: false } : null });
    }
    world.decide();
    expect(world.record.inSync.map((v) => v.instance)).toEqual(['demo-1', 'demo-2']);
    expect(world.record.ackCount).toBe(1);
    world.nowMs += detachGraceMs(world.seen());
    world.decide();
    expect(world.record).toMatchObject({ inSync: [], ackCount: 0, phase: 'steady' });
  });

  it('believes in a missing status only when our own session is old enough', () => {
    const world = World.serving(3);
    world.statuses.delete('demo-0');
    world.absenceCounts = false;
    world.decide();
    expect(world.record.phase).toBe('steady');
    world.absenceCounts = true;
    world.decide();
    expect(world.record.phase).toBe('electing');
  });

  it('starts again when the winner dies before it opens', () => {
    const world = World.serving(3);
    world.obey('demo-0', died);
    world.decide();
    world.obey('demo-1');
    world.obey('demo-2');
    world.decide();
    expect(world.record).toMatchObject({
      phase: 'promoting',
      election: { candidate: { instance: 'demo-1' } },
    });
    world.obey('demo-1', { ...died, incarnation: 2 });
    world.settle(['demo-1', 'demo-2']);
    expect(world.record).toMatchObject({ phase: 'steady', epoch: 3 });
  });
});

describe('growing, shrinking, deleting', () => {
  it('grows by new ordinals', () => {
    const world = World.serving(1);
    world.record = resizeCluster(world.record, 3);
    world.decide();
    world.launch([agentOffer(5), agentOffer(6)]);
    world.settle();
    expect(world.record.instances.map((i) => i.id)).toEqual(['demo-0', 'demo-1', 'demo-2']);
    expect(state(world)).toBe('HEALTHY');
  });

  it('never takes the primary away', () => {
    const world = World.serving(3);
    world.obey('demo-0', { mysqld: 'down', role: 'none', ackCount: null });
    world.settle(['demo-1', 'demo-2']);
    const primary = world.record.primary?.instance;
    world.record = resizeCluster(world.record, 1);
    const { kills } = world.decide();
    const kept = world.record.instances.filter((i) => i.intent === 'run').map((i) => i.id);
    expect(kept).toEqual([primary]);
    expect(kills).toHaveLength(2);
  });

  it('shrinks from many to one in one decision', () => {
    const world = World.serving(40);
    world.record = resizeCluster(world.record, 1);
    expect(world.decide().kills).toHaveLength(39);
    expect(world.record.inSync).toEqual([]);
  });

  it('is finished only when neither task nor home of any instance is left', () => {
    const world = World.serving(2);
    world.record = deleteCluster(world.record);
    expect(world.decide()).toMatchObject({ finished: false, kills: [{}, {}] });
    world.task('demo-0', 'TASK_KILLED');
    world.task('demo-1', 'TASK_KILLED');
    expect(world.decide().finished).toBe(false);
    world.record = { ...world.record, instances: world.record.instances.map((i) => ({ ...i, home: null })) };
    expect(world.decide().finished).toBe(true);
  });

  it('replaces a replica whose agent stays away, and never the primary', () => {
    const world = World.serving(3);
    world.task('demo-2', 'TASK_UNREACHABLE', false);
    world.nowMs += 600_001;
    world.decide();
    expect(world.instance('demo-2').intent).toBe('remove');
    expect(world.record.instances.at(-1)?.id).toBe('demo-3');
    world.task('demo-0', 'TASK_UNREACHABLE', false);
    world.nowMs += 600_001;
    world.decide();
    expect(world.instance('demo-0').intent).toBe('run');
  });
});
