import { describe, expect, it } from 'vitest';
import { place } from './placement.ts';
import { applyReleased, releaseUnwanted } from './release.ts';
import { deleteCluster } from './requests.ts';
import { agentOffer, footprint, World } from './testing.ts';

/** demo-1 of two is to go; its agent is out of sight. */
function removedOutOfSight(): World {
  const world = World.serving(2);
  world.record = { ...world.record, spec: { ...world.record.spec, nodes: 1 } };
  world.settle(['demo-0']);
  world.task('demo-1', 'TASK_UNREACHABLE', false);
  world.decide();
  return world;
}

describe('what is given back', () => {
  it('destroys only what no instance can want', () => {
    const world = World.serving(3);
    const own = footprint(world, 'demo-1');
    const stray = { ...own, volumeIds: ['aaaabbbbcccc-1-0'] };
    const removed = { ...own, instance: 'demo-2', volumeIds: ['aaaabbbbcccc-2-1'] };
    world.record = { ...world.record, electorate: [] };
    world.record.instances.splice(2, 1);
    const offers = [
      agentOffer(1, { footprints: [own] }),
      agentOffer(4, { footprints: [stray] }),
      agentOffer(5, { footprints: [removed] }),
    ];
    expect(releaseUnwanted([world.record], offers).map((r) => r.agentId)).toEqual(['A4', 'A5']);
  });

  it('destroys nothing that the record does not know: it may come from an old copy of ZooKeeper', () => {
    const world = World.serving(3);
    const own = footprint(world, 'demo-1');
    const offers = [
      agentOffer(4, { footprints: [{ ...own, clusterUid: 'dddddddddddd' }] }),
      agentOffer(5, { footprints: [{ ...own, volumeIds: ['aaaabbbbcccc-1-99'] }] }),
      agentOffer(6, { footprints: [{ ...own, instance: 'demo-7', volumeIds: ['aaaabbbbcccc-7-1'] }] }),
    ];
    expect(releaseUnwanted([world.record], offers)).toMatchObject([]);
    const leftover = { ...own, clusterUid: 'dddddddddddd', volumeIds: [] };
    expect(releaseUnwanted([], [agentOffer(4, { footprints: [leftover] })])).toMatchObject([{ rest: true }]);
  });

  it('keeps no attempt of a cluster that is being deleted', () => {
    const world = World.serving(3);
    const stray = { ...footprint(world, 'demo-1'), volumeIds: ['aaaabbbbcccc-1-99'] };
    const offers = [agentOffer(5, { footprints: [stray] })];
    expect(releaseUnwanted([world.record], offers)).toEqual([]);
    world.record = deleteCluster(world.record);
    world.decide();
    world.task('demo-1', 'TASK_KILLED');
    expect(releaseUnwanted([world.record], offers)).toMatchObject([{ volumeIds: ['aaaabbbbcccc-1-99'] }]);
  });

  it('keeps the volume of a removed instance as long as an election may need it', () => {
    const world = World.serving(3);
    const gone = world.instance('demo-1');
    world.record = {
      ...world.record,
      instances: world.record.instances.map((i) => (i === gone ? { ...i, intent: 'remove', task: null } : i)),
    };
    const offers = [agentOffer(1, { footprints: [footprint(world, 'demo-1')] })];
    expect(releaseUnwanted([world.record], offers)).toEqual([]);
    world.settle(['demo-0', 'demo-2']);
    expect(releaseUnwanted([world.record], offers)).toMatchObject([{ instance: 'demo-1' }]);
  });

  it('gives back all that a failed launch had reserved where the instance no longer is', () => {
    const world = World.serving(3);
    const left = { ...footprint(world, 'demo-1'), volumeIds: ['aaaabbbbcccc-1-0'] };
    const instances = world.record.instances.map((i) => ({
      ...i,
      home: i.home && { ...i.home, seeded: false },
    }));
    const offers = [agentOffer(7, { footprints: [left] })];
    expect(releaseUnwanted([{ ...world.record, instances }], offers)).toMatchObject([
      { volumeIds: left.volumeIds, rest: true },
    ]);
  });

  it('destroys the volume of an earlier attempt and keeps the one beside it', () => {
    const world = World.serving(3);
    world.task('demo-1', 'TASK_FAILED', false);
    world.nowMs += 1_000;
    const own = footprint(world, 'demo-1');
    const both = { ...own, volumeIds: ['aaaabbbbcccc-1-0', ...own.volumeIds] };
    const placement = place([world.record], [agentOffer(1, { footprints: [both] })], world.nowMs);
    expect(placement.releases).toMatchObject([{ volumeIds: ['aaaabbbbcccc-1-0'], rest: false }]);
    expect(placement.launches).toMatchObject([{ instance: 'demo-1', createVolume: false }]);
  });

  it('never releases the volume of an instance that should run but is lost from sight', () => {
    const world = World.serving(3);
    world.task('demo-1', 'TASK_LOST', false);
    world.nowMs += 1e9;
    const offers = [agentOffer(1, { footprints: [footprint(world, 'demo-1')] })];
    expect(releaseUnwanted([world.record], offers)).toEqual([]);
  });

  it('forgets a removed instance only after its release', () => {
    const world = World.serving(2);
    world.record = { ...world.record, spec: { ...world.record.spec, nodes: 1 } };
    world.settle(['demo-0']);
    world.task('demo-1', 'TASK_KILLED');
    world.decide();
    const offers = [agentOffer(1, { footprints: [footprint(world, 'demo-1')] })];
    expect(place([world.record], offers, world.nowMs)).toMatchObject({
      releases: [{ instance: 'demo-1' }],
      awaitsRelease: true,
    });
    world.record = applyReleased(world.record, 'demo-1');
    world.decide();
    expect(world.record.instances.map((i) => i.id)).toEqual(['demo-0']);
  });

  it('does not go through offers for a removed instance whose agent is out of sight', () => {
    const world = removedOutOfSight();
    const offers = [agentOffer(0), agentOffer(7)];
    expect(place([world.record], offers, world.nowMs)).toMatchObject({ releases: [], awaitsRelease: false });
  });

  it.each([
    ['the volume', {}],
    ['less than the volume', { volumeIds: [] }],
  ])('releases %s of a removed instance when its agent is back under a new id', (_, over) => {
    const world = removedOutOfSight();
    const renamed = agentOffer(1, { agentId: 'A9', footprints: [footprint(world, 'demo-1', over)] });
    expect(place([world.record], [renamed], world.nowMs)).toMatchObject({
      releases: [{ agentId: 'A9', instance: 'demo-1', rest: true }],
      awaitsRelease: true,
    });
    world.record = applyReleased(world.record, 'demo-1');
    world.decide();
    expect(world.record.instances.map((i) => i.id)).toEqual(['demo-0']);
  });

  it('takes no proof of a release when the task is back', () => {
    const world = removedOutOfSight();
    world.task('demo-1', 'TASK_RUNNING');
    expect(applyReleased(world.record, 'demo-1')).toEqual(world.record);
  });
});
