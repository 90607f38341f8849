import { describe, expect, it } from 'vitest';
import { currentGeneration, votersOf } from './electorate.ts';
import { detachGraceMs } from './in-sync.ts';
import { REPORTS_GRACE_MS, SIBLING_GRACE_MS } from './election.ts';
import { discoveryOf } from './publish.ts';
import { deleteCluster, failOver, resizeCluster, setDurability, setHold } from './requests.ts';
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
    expect(world.record.electorate).toHaveLength(1);
    expect(currentGeneration(world.record)).toMatchObject({
      ackCount: { 1: 0, 2: 1, 3: 1, 5: 2 }[nodes],
      voters: { length: nodes - 1 },
    });
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
  const died = { mysqld: 'down', role: 'none', lead: null } as const;

  it('elects the in-sync member with the most transactions', () => {
    const world = World.serving(3);
    world.data.set('demo-1', `${U}:1-7`);
    world.data.set('demo-2', `${U}:1-9`);
    world.obey('demo-0', died);
    world.settle(['demo-1', 'demo-2']);
    expect(world.record).toMatchObject({
      phase: 'steady',
      epoch: 2,
      elected: `${U}:1-9`,
      primary: { instance: 'demo-2' },
    });
    expect(world.record.transitions.at(-1)).toMatchObject({
      kind: 'failover',
      outcome: 'ok',
      from: 'demo-0',
      to: 'demo-2',
      epoch: 2,
    });
    expect(votersOf(world.record).map((v) => v.instance)).toEqual(['demo-1']);
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

  it.each([{ mysqld: 'starting' }, { mysqld: 'serving', incarnation: 2 }] as const)(
    'is also told by what comes after it, when the moment of death went unseen: %j',
    (next) => {
      const world = World.serving(3);
      world.obey('demo-0', { ...died, ...next });
      world.decide();
      expect(world.record.phase).toBe('electing');
    },
  );

  it('asks the electorate before, too, while the new one is not settled', () => {
    const world = World.serving(1);
    world.record = resizeCluster(world.record, 2);
    world.decide();
    world.launch([agentOffer(5)]);
    for (let round = 0; round < 3; round++) {
      world.obey('demo-1');
      world.decide();
    }
    expect(world.record.electorate.map((g) => g.ackCount)).toEqual([0, 1]);
    world.obey('demo-0', died);
    world.settle(['demo-1']);
    expect(world.record.phase).toBe('electing');
  });

  it('does not let a voter go that only lost its source, before the primary had time to be found dead', () => {
    const world = World.serving(4);
    const r = world.statuses.get('demo-3')?.replication;
    const detached = { replication: r ? { ...r, attached: false } : null };
    world.obey('demo-3', detached);
    world.decide();
    expect(votersOf(world.record)).toHaveLength(3);
    world.nowMs += detachGraceMs(world.seen());
    world.decide();
    expect(votersOf(world.record)).toHaveLength(2);
    expect(Object.keys(world.record.barred)).toEqual(['demo-3']);
  });

  it('believes in a missing status only when our own session is old enough', () => {
    const world = World.serving(3);
    world.statuses.delete('demo-0');
    world.absenceCounts = false;
    world.decide();
    expect(world.record.phase).toBe('steady');
    world.absenceCounts = true;
    deafen(world, ['demo-1', 'demo-2']);
    world.decide();
    expect(world.record.phase).toBe('electing');
  });

  it('believes in one that was seen to vanish, on a connection of any age', () => {
    const world = World.serving(3);
    world.absenceCounts = false;
    world.statuses.delete('demo-0');
    deafen(world, ['demo-1', 'demo-2']);
    world.decide();
    expect(world.record.phase).toBe('steady');
    world.fresh.add('demo-0');
    // A ZooKeeper that stood still loses everybody's session: who has none yet may hear the primary.
    const mute = world.statuses.get('demo-1');
    world.statuses.delete('demo-1');
    world.decide();
    expect(world.record.phase).toBe('steady');
    if (mute) world.statuses.set('demo-1', mute);
    world.decide();
    expect(world.record.phase).toBe('electing');
  });

  it('is not believed as long as its replicas hear it: it is cut off from ZooKeeper only', () => {
    const world = World.serving(3);
    world.statuses.delete('demo-0');
    deafen(world, ['demo-1']);
    world.decide();
    expect(world.record.phase).toBe('steady');
    expect(discoveryOf(world.record, world.seen()).primary?.instance).toBe('demo-0');
    expect(viewOf(world.record, world.seen(), new Map())).toMatchObject({ state: 'DEGRADED' });
    deafen(world, ['demo-2']);
    world.decide();
    expect(world.record.phase).toBe('electing');
  });

  it('of a primary that is alone is not decided by its silence: nobody else has its writes', () => {
    const world = World.serving(1);
    world.statuses.delete('demo-0');
    world.decide();
    expect(world.record.phase).toBe('steady');
  });

  it('waits for an operator under hold', () => {
    const world = World.serving(3);
    world.record = setHold(world.record, true);
    world.obey('demo-0', died);
    world.settle(['demo-1', 'demo-2']);
    expect(world.record.phase).toBe('steady');
    expect(state(world)).toBe('BLOCKED');
    world.record = failOver(world.record, { to: 'demo-2', force: false }, world.seen());
    world.settle(['demo-1', 'demo-2']);
    expect(world.record).toMatchObject({ phase: 'steady', primary: { instance: 'demo-2' } });
  });

  it('starts again when the winner dies before it opens', () => {
    const world = World.serving(3);
    world.obey('demo-0', died);
    world.decide();
    world.obey('demo-1');
    world.obey('demo-2');
    world.decide();
    expect(world.record).toMatchObject({
      phase: 'steady',
      openedAtMs: null,
      primary: { instance: 'demo-1' },
    });
    world.obey('demo-1', { ...died, incarnation: 2 });
    world.settle(['demo-1', 'demo-2']);
    expect(world.record).toMatchObject({ phase: 'steady', epoch: 3 });
  });

  it('opens alone when nobody else can acknowledge; with min_in_sync 1 it acknowledges nothing', () => {
    for (const minInSync of [0, 1]) {
      const world = World.serving(2);
      world.record = setDurability(world.record, { minInSync });
      world.obey('demo-0', died);
      world.settle(['demo-1']);
      expect(currentGeneration(world.record)).toMatchObject({ voters: [], ackCount: minInSync });
      expect(state(world)).toBe(minInSync === 0 ? 'DEGRADED' : 'BLOCKED');
    }
  });

  it('waits a moment for a sibling that is coming up', () => {
    const world = World.serving(3);
    world.obey('demo-0', died);
    world.obey('demo-2', died);
    world.settle(['demo-1']);
    world.obey('demo-2', { ...died, mysqld: 'starting' });
    world.settle(['demo-1']);
    expect(world.record.phase).toBe('electing');
    world.nowMs += SIBLING_GRACE_MS;
    world.settle(['demo-1']);
    expect(world.record).toMatchObject({ phase: 'steady', primary: { instance: 'demo-1' } });
  });

  it('opens without a sibling that lacks what the winner has purged: a voter could not be rebuilt', () => {
    const world = World.serving(3);
    world.obey('demo-0', died);
    world.decide();
    const report = (): void => {
      const { epoch } = world.record;
      const full = { epoch, executed: `${U}:1-8`, received: '', purged: `${U}:1-5`, led: 0 };
      world.obey('demo-1', { position: full });
      world.obey('demo-2', { position: { epoch, executed: `${U}:1-3`, received: '', purged: '', led: 0 } });
      world.decide();
    };
    report();
    expect(world.record.phase).toBe('electing');
    world.nowMs += SIBLING_GRACE_MS;
    report();
    expect(world.record).toMatchObject({ phase: 'steady', primary: { instance: 'demo-1' } });
    expect(votersOf(world.record)).toEqual([]);
  });

  it('goes on without missing reports only when forced, or by policy after the election time-out', () => {
    const forced = World.serving(3);
    forced.obey('demo-0', died);
    forced.settle(['demo-1']);
    forced.record = failOver(forced.record, { to: undefined, force: true }, forced.seen());
    expect(forced.decide().wakeAtMs).toBe(forced.nowMs + REPORTS_GRACE_MS);
    expect(forced.record.election?.waived).toBeNull();
    forced.nowMs += REPORTS_GRACE_MS;
    forced.decide();
    forced.nowMs += SIBLING_GRACE_MS;
    forced.settle(['demo-1']);
    expect(forced.record.transitions.at(-1)).toMatchObject({ outcome: 'unsafe', to: 'demo-1' });

    const lax = World.serving(3);
    lax.record = setDurability(lax.record, { policy: 'unsafe_available' });
    lax.obey('demo-0', died);
    lax.settle(['demo-1']);
    expect(lax.record.phase).toBe('electing');
    lax.nowMs += lax.seen().electionTimeoutMs;
    lax.decide();
    lax.nowMs += SIBLING_GRACE_MS;
    lax.settle(['demo-1']);
    expect(lax.record).toMatchObject({ phase: 'steady', primary: { instance: 'demo-1' } });
  });

  it('loses nothing to a force that was not needed', () => {
    const world = World.serving(3);
    for (const i of world.record.instances) world.data.set(i.id, 'aaaaaaaa-0000-4000-8000-000000000000:1-5');
    world.data.set('demo-1', 'aaaaaaaa-0000-4000-8000-000000000000:1-9');
    world.record = failOver(world.record, { to: undefined, force: true }, world.seen());
    world.settle(['demo-2']);
    expect(world.record.phase).toBe('electing');
    world.settle();
    expect(world.record.transitions.at(-1)).toMatchObject({ outcome: 'ok', to: 'demo-1' });
  });

  it('asks once more when the reports stood there before its connection: one of them may lead in that very epoch', () => {
    const world = World.serving(3);
    world.statuses.delete('demo-0');
    deafen(world, ['demo-1', 'demo-2']);
    world.decide();
    world.obey('demo-1');
    // The next scheduler leads, perhaps with an old copy of all of this.
    world.absenceCounts = false;
    world.decide();
    expect(world.record).toMatchObject({
      phase: 'electing',
      epoch: 3,
      election: { deposed: { instance: 'demo-0' } },
    });
    world.decide();
    expect(world.record.epoch).toBe(3);
    world.fresh.add('demo-0');
    world.settle(['demo-1', 'demo-2']);
    expect(world.record).toMatchObject({ phase: 'steady', epoch: 3, primary: { instance: 'demo-1' } });
  });

  it('asks everybody when members have seen epochs that the record never gave', () => {
    const world = World.serving(3);
    const old = structuredClone(world.record);
    world.obey('demo-0', died);
    world.settle(['demo-1', 'demo-2']);
    world.record = old;
    world.settle(['demo-1', 'demo-2']);
    expect(world.record).toMatchObject({ phase: 'electing', epoch: 3, election: { everyone: true } });
    world.settle();
    expect(world.record).toMatchObject({ phase: 'steady', epoch: 3 });
  });

  it('asks everybody also when an operator asks for a failover before the old copy was noticed', () => {
    const world = World.serving(3);
    const old = structuredClone(world.record);
    world.obey('demo-0', died);
    world.settle(['demo-1', 'demo-2']);
    world.record = failOver(old, { to: undefined, force: false }, world.seen());
    expect(world.record).toMatchObject({ phase: 'electing', epoch: 3, election: { everyone: true } });
  });
});

/** These replicas hear nothing from their source any more. */
function deafen(world: World, ids: string[]): void {
  for (const id of ids) {
    const r = world.statuses.get(id)?.replication;
    world.obey(id, { replication: r ? { ...r, hears: false } : null });
  }
}

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
    world.obey('demo-0', { mysqld: 'down', role: 'none', lead: null });
    world.settle(['demo-1', 'demo-2']);
    const primary = world.record.primary?.instance;
    world.record = resizeCluster(world.record, 1);
    world.settle(['demo-1', 'demo-2']);
    const kept = world.record.instances.filter((i) => i.intent === 'run').map((i) => i.id);
    expect(kept).toEqual([primary]);
    expect(world.decide().kills).toHaveLength(2);
  });

  it('shrinks from many to one, killing nobody whose data an election may still need', () => {
    const world = World.serving(40);
    world.record = resizeCluster(world.record, 1);
    expect(world.decide().kills).toEqual([]);
    world.settle(['demo-0']);
    expect(world.decide().kills).toHaveLength(39);
    expect(world.record.electorate).toMatchObject([{ voters: [], ackCount: 0 }]);
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
