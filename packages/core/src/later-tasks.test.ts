import { describe, expect, it } from 'vitest';
import type { Place } from './documents.ts';
import { dutyOf } from './duty.ts';
import { controlOf } from './publish.ts';
import { mayBeLater } from './later-tasks.ts';
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

/** When the cluster had so many members. */
const beforeTheyWereAdded =
  (nodes: number) =>
  ({ record }: World): World['record'] => ({
    ...structuredClone(record),
    nextOrdinal: nodes,
    spec: { ...record.spec, nodes },
    electorate: [],
    instances: record.instances.filter((i) => i.ordinal < nodes),
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

  it('are none of those that have ended and not taken leave yet', () => {
    const world = World.serving(3);
    world.task('demo-1', 'TASK_FAILED');
    const { task, attempts } = world.instance('demo-1');
    world.decide();
    expect(world.instance('demo-1')).toMatchObject({ task, attempts });
  });

  it('are none whose status does not say where they live', () => {
    const world = World.serving(3);
    const { task, attempts } = world.instance('demo-1');
    for (const place of [undefined, { host: 'h', port: 1, httpPort: 2 } as unknown as Place]) {
      world.obey('demo-1', { place });
      world.decide();
      expect(world.instance('demo-1')).toMatchObject({ task, attempts });
      expect(world.record.phase).toBe('steady');
    }
  });

  it('are told by their ids before they are adopted', () => {
    const { record } = restored(beforeTheyWereAdded(2));
    const later = ['demo-1-2', 'demo-2-1', 'demo-7-3'].map((id) => mayBeLater(record, `${id}.${UID}`));
    expect(later).toEqual([true, true, true]);
    const others = [`demo-1-1.${UID}`, 'demo-1-2.dddddddddddd', `other-1-2.${UID}`, 'demo'];
    expect(others.filter((id) => mayBeLater(record, id))).toEqual([]);
  });

  it('are not replaced for an absence of long ago that the copy tells of', () => {
    const world = World.serving(3);
    world.task('demo-1', 'TASK_FAILED');
    world.settle(['demo-0', 'demo-2']);
    world.nowMs += 2 * world.seen().replacementTimeoutMs;
    world.absenceCounts = false;
    world.decide();
    expect(world.instance('demo-1').intent).toBe('run');
    world.absenceCounts = true;
    const { lead } = world.statuses.get('demo-0') ?? {};
    world.obey('demo-0', { lead: null });
    world.decide();
    expect(world.record.instances.find((i) => i.id === 'demo-1')?.intent).toBe('run');
    world.obey('demo-0', { lead: lead ?? null });
    world.decide();
    expect(world.record.instances.find((i) => i.id === 'demo-1')?.intent).toBe('remove');
  });

  it('do nothing for a member that another task has taken', () => {
    const world = World.serving(3);
    const control = controlOf(world.record, {});
    const self = { instance: 'demo-1', voter: null };
    expect(dutyOf(control, { ...self, taskId: `demo-1-1.${UID}` }).kind).toBe('follow');
    expect(dutyOf(control, { ...self, taskId: `demo-1-2.${UID}` }).kind).toBe('wait');
  });

  it('tell where they are, where the copy does not know', () => {
    const world = restored(beforeItHadData);
    expect(world.decide().kills).toEqual([]);
    expect(world.instance('demo-1').home).toMatchObject({
      agentId: 'A1',
      hostname: 'host1',
      port: 31000,
      seeded: true,
    });
    world.settle(['demo-0', 'demo-2']);
    expect(world.record.phase).toBe('electing');
    world.settle();
    expect(world.record.phase).toBe('steady');
  });

  describe('of members that the copy does not know', () => {
    it('are asked, and stay members', () => {
      const world = restored(beforeTheyWereAdded(2));
      expect(world.decide().kills).toEqual([]);
      expect(world.record).toMatchObject({ phase: 'electing', nextOrdinal: 3, spec: { nodes: 3 } });
      world.settle(['demo-0', 'demo-1']);
      expect(world.record.phase).toBe('electing');
      world.settle();
      expect(world.record.phase).toBe('steady');
      expect(world.record.instances.map((i) => i.intent)).toEqual(['run', 'run', 'run']);
    });

    it('are waited for as long as they may need to come back to ZooKeeper', () => {
      const world = restored(beforeTheyWereAdded(2));
      const late = world.statuses.get('demo-2');
      world.statuses.delete('demo-2');
      world.absenceCounts = false;
      world.settle(['demo-0', 'demo-1']);
      expect(world.record).toMatchObject({ phase: 'electing', election: { everyone: true } });
      if (late) world.statuses.set('demo-2', late);
      world.absenceCounts = true;
      world.settle(['demo-0', 'demo-1']);
      expect(world.record.phase).toBe('electing');
      expect(world.instance('demo-2').home?.volumeId).toBe(`${UID}-2-1`);
    });

    it('are asked whichever of them comes first, and lose nothing until they come', () => {
      const world = restored(beforeTheyWereAdded(1));
      const late = world.statuses.get('demo-1');
      world.statuses.delete('demo-1');
      world.settle(['demo-0', 'demo-2']);
      expect(world.record).toMatchObject({ phase: 'steady', nextOrdinal: 3, passedOver: [1] });
      const own = { clusterUid: UID, instance: 'demo-1', cpus: 1, memMb: 512, diskMb: 0, ports: [] };
      const offers = [agentOffer(4, { footprints: [{ ...own, volumeIds: [`${UID}-1-1`] }] })];
      expect(releaseUnwanted([world.record], offers)).toEqual([]);
      if (late) world.statuses.set('demo-1', late);
      world.decide();
      expect(world.record).toMatchObject({ phase: 'electing', passedOver: [], spec: { nodes: 3 } });
      expect(world.record.instances.map((i) => i.id)).toEqual(['demo-0', 'demo-1', 'demo-2']);
    });

    it('show by themselves that the copy is old, also when they come after its election', () => {
      const world = World.serving(3);
      const late = world.statuses.get('demo-2');
      world.record = beforeTheyWereAdded(2)(world);
      world.statuses.delete('demo-2');
      world.settle(['demo-0', 'demo-1']);
      const { epoch } = world.record;
      if (late) world.statuses.set('demo-2', late);
      world.decide();
      expect(world.record).toMatchObject({
        phase: 'electing',
        epoch: epoch + 1,
        election: { everyone: true },
      });
    });
  });

  it('are known by their volume where the record has come as far by itself', () => {
    const world = restored(beforeItHadData);
    const home = {
      agentId: 'A7',
      address: '10.0.0.7:5051',
      volumeId: `${UID}-1-2`,
      hostname: 'host7',
      port: 31000,
      httpPort: 31001,
      seeded: false,
    };
    const task = {
      id: `demo-1-2.${UID}`,
      agentId: 'A7',
      state: 'launching' as const,
      startedAtMs: 0,
      message: '',
    };
    const instances = world.record.instances.map((i) =>
      i.id === 'demo-1' ? { ...i, attempts: 2, home, task } : i,
    );
    world.record = { ...world.record, instances };
    world.decide();
    expect(world.instance('demo-1').home).toMatchObject({ volumeId: `${UID}-1-1`, seeded: true });
  });

  it('let nobody be removed before all have been heard, and wait for none that was removed without data', () => {
    const world = restored(asItWas);
    const withoutData = (i: (typeof world.record.instances)[number]) =>
      i.id === 'demo-2' ? { ...i, task: null, home: i.home && { ...i.home, seeded: false } } : i;
    const spec = { ...world.record.spec, nodes: 2 };
    world.record = {
      ...world.record,
      spec,
      electorate: [],
      instances: world.record.instances.map(withoutData),
    };
    world.settle(['demo-0', 'demo-1']);
    expect(world.instance('demo-2').intent).toBe('run');
    expect(world.record.phase).toBe('electing');
    const removed = world.record.instances.map((i) =>
      i.id === 'demo-2' ? { ...i, intent: 'remove' as const } : i,
    );
    world.record = { ...world.record, instances: removed };
    world.statuses.delete('demo-2');
    world.settle(['demo-0', 'demo-1']);
    expect(world.record.phase).toBe('steady');
  });

  it('ask also one that was to go, with what it has', () => {
    const world = restored(asItWas);
    const instances = world.record.instances.map((i) =>
      i.id === 'demo-2' ? { ...i, intent: 'remove' as const } : i,
    );
    world.record = { ...world.record, instances, electorate: [] };
    expect(world.decide().kills).toEqual([]);
    world.settle(['demo-0', 'demo-1']);
    expect(world.record.phase).toBe('electing');
    world.settle();
    expect(world.record.phase).toBe('steady');
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
