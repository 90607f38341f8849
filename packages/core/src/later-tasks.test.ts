import { describe, expect, it } from 'vitest';
import { place } from './placement.ts';
import { controlOf } from './publish.ts';
import { releaseUnwanted } from './release.ts';
import { agentOffer, footprint, World } from './testing.ts';

const UID = 'aaaabbbbcccc';

/** demo-1 failed and runs again, on its own volume; the record is that of `before`. */
function restored(before: (world: World) => World['record']): World {
  const world = World.serving(3);
  const copy = before(world);
  world.task('demo-1', 'TASK_FAILED');
  world.settle(['demo-0', 'demo-2']);
  world.nowMs = world.instance('demo-1').retryAtMs;
  world.launch([agentOffer(1, { footprints: [footprint(world, 'demo-1')] })]);
  world.settle();
  world.record = copy;
  return world;
}

const asItWas = ({ record }: World): World['record'] => structuredClone(record);

/** The copy was made before demo-1 had data; where it lives now, it does not say. */
const beforeItHadData = ({ record }: World): World['record'] => ({
  ...structuredClone(record),
  instances: record.instances.map((i) =>
    i.id === 'demo-1' ? { ...i, home: null, task: null, attempts: 0 } : i,
  ),
});

const beforeItWasAdded = ({ record }: World): World['record'] => ({
  ...structuredClone(record),
  nextOrdinal: 2,
  spec: { ...record.spec, nodes: 2 },
  instances: record.instances.filter((i) => i.ordinal < 2),
});

describe('tasks launched after the copy of ZooKeeper was made', () => {
  it('are asked in the election like any other', () => {
    const world = restored(asItWas);
    world.decide();
    expect(world.instance('demo-1')).toMatchObject({
      attempts: 2,
      task: { id: `demo-1-2.${UID}`, state: 'running' },
    });
    expect(world.record).toMatchObject({ phase: 'electing', election: { everyone: true } });
    world.settle(['demo-0', 'demo-2']);
    expect(world.record.phase).toBe('electing');
    world.settle();
    expect(world.record.phase).toBe('steady');
  });

  it('keep what they run on when Mesos says that the tasks of the copy are gone', () => {
    const world = restored(asItWas);
    world.task('demo-1', 'TASK_GONE', false);
    world.decide();
    expect(world.instance('demo-1').task?.id).toBe(`demo-1-2.${UID}`);
  });

  it('learn from Mesos on which agent they run', () => {
    const world = restored(asItWas);
    world.decide();
    expect(world.instance('demo-1').task?.agentId).toBe('');
    world.update('demo-1', { agentId: 'A9' });
    expect(world.instance('demo-1').task?.agentId).toBe('A9');
  });

  it('are none of those that have ended and not taken leave yet', () => {
    const world = World.serving(3);
    world.task('demo-1', 'TASK_FAILED');
    const { task, attempts } = world.instance('demo-1');
    world.decide();
    expect(world.instance('demo-1')).toMatchObject({ task, attempts });
  });

  it('are started anew on their volumes where nobody knows their address', () => {
    const world = restored(beforeItHadData);
    const killed = world.decide().kills;
    expect(killed).toEqual([{ taskId: `demo-1-2.${UID}`, agentId: '' }]);
    expect(controlOf(world.record, {}).members.map((m) => m.instance)).toEqual(['demo-0', 'demo-2']);
    // Not elsewhere, without its data; also when nothing runs there any more.
    const other = agentOffer(7);
    expect(place([world.record], [other], world.nowMs).launches).toEqual([]);
    world.task('demo-1', 'TASK_KILLED');
    world.settle(['demo-0', 'demo-2']);
    world.nowMs = Math.max(world.nowMs, world.instance('demo-1').retryAtMs);
    expect(place([world.record], [other], world.nowMs).launches).toEqual([]);
    expect(world.record.phase).toBe('electing');
    const own = { ...footprint(world, 'demo-1'), ports: [31004, 31005] };
    world.launch([other, agentOffer(1, { footprints: [own] })]);
    expect(world.instance('demo-1').home).toMatchObject({ agentId: 'A1', port: 31004, httpPort: 31005 });
    world.settle();
    expect(world.record.phase).toBe('steady');
  });

  it('may be of members that the copy does not know', () => {
    const world = restored(beforeItWasAdded);
    world.decide();
    expect(world.record).toMatchObject({ phase: 'electing', nextOrdinal: 3 });
    expect(world.instance('demo-2')).toMatchObject({ home: { volumeId: `${UID}-2-1`, seeded: true } });
    world.settle(['demo-0', 'demo-1']);
    expect(world.record.phase).toBe('electing');
  });

  it('lose no volume before all have been heard', () => {
    const world = restored(asItWas);
    const stray = { ...footprint(world, 'demo-1'), volumeIds: [`${UID}-1-0`] };
    const offers = [agentOffer(4, { footprints: [stray] })];
    world.decide();
    expect(releaseUnwanted([world.record], offers)).toEqual([]);
    world.settle();
    expect(releaseUnwanted([world.record], offers)).toHaveLength(1);
  });
});
