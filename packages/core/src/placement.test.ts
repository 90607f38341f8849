import { describe, expect, it } from 'vitest';
import type { Footprint } from './agent-offer.ts';
import { applyReleased, place } from './placement.ts';
import { agentOffer, World } from './testing.ts';

/** demo-1 of two is to go; its agent is out of sight. */
function removedOutOfSight(): World {
  const world = World.serving(2);
  world.record = { ...world.record, spec: { ...world.record.spec, nodes: 1 } };
  world.settle(['demo-0']);
  world.task('demo-1', 'TASK_UNREACHABLE', false);
  world.decide();
  return world;
}

function footprint(world: World, id: string, over: Partial<Footprint> = {}): Footprint {
  const home = world.instance(id).home;
  return {
    clusterUid: world.record.uid,
    instance: id,
    cpus: 1,
    memMb: 512,
    diskMb: 0,
    ports: home ? [home.port, home.httpPort] : [],
    volumeIds: home ? [home.volumeId] : [],
    ...over,
  };
}

describe('placement', () => {
  it('never puts two members of a cluster on one agent, and says what the third waits for', () => {
    const world = new World(3);
    world.decide();
    const { launches, waiting } = place([world.record], [agentOffer(0), agentOffer(1)], world.nowMs);
    expect(launches.map((l) => l.agentId).sort()).toEqual(['A0', 'A1']);
    expect(waiting.get('demo-2')).toMatch(/no member of demo/);
  });

  it('says what an agent lacks', () => {
    const world = new World(1);
    world.decide();
    const poor = agentOffer(0, { free: { cpus: 4, memMb: 100, diskMb: 10_000, ports: [[1, 9]] } });
    expect(place([world.record], [poor], world.nowMs).waiting.get('demo-0')).toMatch(
      /host0 lacks 512 MB memory/,
    );
  });

  it('takes two distinct ports and does not promise them twice', () => {
    const [a, b] = [new World(1), new World(1)];
    a.decide();
    b.record = { ...b.record, uid: 'bbbbbbbbbbbb', name: 'other' };
    b.decide();
    const tight = agentOffer(0, {
      free: {
        cpus: 4,
        memMb: 4096,
        diskMb: 9999,
        ports: [
          [31000, 31001],
          [31005, 31005],
          [31009, 31009],
        ],
      },
    });
    const ports = place([a.record, b.record], [tight], 0).launches.flatMap((l) => [
      l.home.port,
      l.home.httpPort,
    ]);
    expect(ports).toEqual([31000, 31001, 31005, 31009]);
  });

  it('relaunches an instance on its own volume and nowhere else', () => {
    const world = World.serving(3);
    world.task('demo-1', 'TASK_FAILED', false);
    world.nowMs += 1_000;
    const elsewhere = place([world.record], [agentOffer(7)], world.nowMs);
    expect(elsewhere.launches).toEqual([]);
    expect(elsewhere.waiting.get('demo-1')).toMatch(/waits for its volume on agent host1/);
    const own = agentOffer(1, { footprints: [footprint(world, 'demo-1')] });
    expect(place([world.record], [own], world.nowMs).launches).toMatchObject([
      { instance: 'demo-1', agentId: 'A1', createVolume: false, home: { seeded: true } },
    ]);
  });

  it('keeps a part of the reservation a moment, because the volume follows in another offer', () => {
    const world = World.serving(3);
    world.task('demo-1', 'TASK_FAILED', false);
    world.nowMs += 1_000;
    const part = agentOffer(1, { footprints: [footprint(world, 'demo-1', { volumeIds: [] })] });
    const placement = place([world.record], [part], world.nowMs);
    expect(placement.launches).toEqual([]);
    expect(placement.releases).toEqual([]);
    expect([...placement.hold]).toEqual(['A1']);
  });

  it('follows the volume to an agent that came back under a new id', () => {
    const world = World.serving(3);
    const renamed = agentOffer(1, { agentId: 'A9', footprints: [footprint(world, 'demo-1')] });
    expect(place([world.record], [renamed], world.nowMs).launches).toMatchObject([
      { instance: 'demo-1', agentId: 'A9', home: { agentId: 'A9' } },
    ]);
  });

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
    expect(place([world.record], offers, world.nowMs).releases.map((r) => r.agentId)).toEqual(['A4', 'A5']);
  });

  it('destroys nothing that the record does not know: it may come from an old copy of ZooKeeper', () => {
    const world = World.serving(3);
    const own = footprint(world, 'demo-1');
    const offers = [
      agentOffer(4, { footprints: [{ ...own, clusterUid: 'dddddddddddd' }] }),
      agentOffer(5, { footprints: [{ ...own, volumeIds: ['aaaabbbbcccc-1-99'] }] }),
      agentOffer(6, { footprints: [{ ...own, instance: 'demo-7', volumeIds: ['aaaabbbbcccc-7-1'] }] }),
    ];
    expect(place([world.record], offers, world.nowMs).releases).toMatchObject([]);
    const leftover = { ...own, clusterUid: 'dddddddddddd', volumeIds: [] };
    expect(place([], [agentOffer(4, { footprints: [leftover] })], 0).releases).toMatchObject([
      { rest: true },
    ]);
  });

  it('keeps the volume of a removed instance as long as an election may need it', () => {
    const world = World.serving(3);
    const gone = world.instance('demo-1');
    world.record = {
      ...world.record,
      instances: world.record.instances.map((i) => (i === gone ? { ...i, intent: 'remove', task: null } : i)),
    };
    const offers = [agentOffer(1, { footprints: [footprint(world, 'demo-1')] })];
    expect(place([world.record], offers, world.nowMs).releases).toEqual([]);
    world.settle(['demo-0', 'demo-2']);
    expect(place([world.record], offers, world.nowMs).releases).toMatchObject([{ instance: 'demo-1' }]);
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

  it('puts members on agents that share a host name, on ports that do not collide', () => {
    const world = new World(2);
    world.decide();
    const [a, b] = [0, 1].map((n) => agentOffer(n, { hostname: 'host', address: `10.0.0.1:505${n}` }));
    if (!a || !b) throw new Error('two offers');
    world.launch([a]);
    const { launches } = place([world.record], [a, b], world.nowMs);
    expect(launches).toMatchObject([{ agentId: 'A1', home: { port: 31002, httpPort: 31003 } }]);
  });

  it('gives members that it places together on one host ports that do not collide', () => {
    const world = new World(3);
    world.decide();
    const offers = [0, 1, 2].map((n) => agentOffer(n, { address: `10.0.0.${n === 2 ? 2 : 1}:505${n}` }));
    const ports = place([world.record], offers, world.nowMs).launches.map(({ agentId, home }) => [
      agentId,
      home.port,
      home.httpPort,
    ]);
    expect(ports).toEqual([
      ['A0', 31000, 31001],
      ['A1', 31002, 31003],
      ['A2', 31000, 31001],
    ]);
  });

  it('knows an agent by its address, under whatever id', () => {
    const world = World.serving(2);
    world.record = { ...world.record, spec: { ...world.record.spec, nodes: 3 } };
    world.decide();
    const renamed = agentOffer(1, { agentId: 'A9' });
    expect(place([world.record], [renamed], world.nowMs).launches).toEqual([]);
  });

  it('never releases the volume of an instance that should run but is lost from sight', () => {
    const world = World.serving(3);
    world.task('demo-1', 'TASK_LOST', false);
    world.nowMs += 1e9;
    const offers = [agentOffer(1, { footprints: [footprint(world, 'demo-1')] })];
    expect(place([world.record], offers, world.nowMs).releases).toEqual([]);
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
