import { describe, expect, it } from 'vitest';
import type { AgentOffer } from './agent-offer.ts';
import { applyLaunch, place } from './placement.ts';
import type { ClusterRecord } from './record.ts';
import { agentOffer, footprint, World } from './testing.ts';

describe('placement', () => {
  it('never puts two members of a cluster on one agent, and says what the third waits for', () => {
    const world = new World(3);
    world.decide();
    const { launches, waiting } = place([world.record], [agentOffer(0), agentOffer(1)], world.nowMs);
    expect(launches.map((l) => l.agentId).sort()).toEqual(['A0', 'A1']);
    expect(waiting.get('demo-2')).toMatch(/no member of demo/);
  });

  it('starts nobody without data before all could be heard', () => {
    const world = World.serving(2);
    world.task('demo-1', 'TASK_FAILED');
    world.record = { ...world.record, spec: { ...world.record.spec, nodes: 3 } };
    world.decide();
    world.nowMs = world.instance('demo-1').retryAtMs;
    const offers = [agentOffer(1, { footprints: [footprint(world, 'demo-1')] }), agentOffer(2)];
    const unheard = place([world.record], offers, world.nowMs, new Set([world.record.uid]));
    expect(unheard.launches.map((l) => l.instance)).toEqual(['demo-1']);
    expect(unheard.waiting.get('demo-2')).toMatch(/come back to ZooKeeper/);
    expect(place([world.record], offers, world.nowMs).launches).toHaveLength(2);
    const stray = { ...footprint(world, 'demo-1'), volumeIds: ['aaaabbbbcccc-1-0'] };
    const strayOffer = [agentOffer(5, { footprints: [stray] })];
    const kept = place([world.record], strayOffer, world.nowMs, new Set([world.record.uid]));
    expect(kept).toMatchObject({ releases: [], awaitsRelease: true });
    expect(place([world.record], strayOffer, world.nowMs).releases).toHaveLength(1);
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

  describe('an instance whose launch has failed', () => {
    /** At home on A1, without data and without a task; what is left of it there. */
    function failed(): { record: ClusterRecord; left: AgentOffer } {
      const world = World.serving(3);
      const left = agentOffer(1, { footprints: [footprint(world, 'demo-1')] });
      const instances = world.record.instances.map((i) =>
        i.id === 'demo-1' ? { ...i, task: null, home: i.home && { ...i.home, seeded: false } } : i,
      );
      const isOther = ({ instance }: { instance: string }): boolean => instance !== 'demo-1';
      const electorate = world.record.electorate.map((g) => ({ ...g, voters: g.voters.filter(isOther) }));
      return { record: { ...world.record, instances, electorate }, left };
    }

    it('starts again on its volume where that is left, without what is beside it', () => {
      const { record, left } = failed();
      const stray = {
        ...left.footprints[0]!,
        volumeIds: ['aaaabbbbcccc-1-0', ...left.footprints[0]!.volumeIds],
      };
      const { launches, releases } = place([record], [{ ...left, footprints: [stray] }], 1e6);
      expect(launches).toMatchObject([
        { home: { volumeId: left.footprints[0]!.volumeIds[0] }, createVolume: false },
      ]);
      expect(releases).toMatchObject([{ volumeIds: ['aaaabbbbcccc-1-0'], rest: false }]);
    });

    it('starts on what an earlier launch has left elsewhere, which nobody takes away then', () => {
      const { record, left } = failed();
      const earlier = { ...left.footprints[0]!, volumeIds: ['aaaabbbbcccc-1-0'] };
      const { launches, releases } = place([record], [agentOffer(7, { footprints: [earlier] })], 1e6);
      expect(launches).toMatchObject([{ home: { volumeId: 'aaaabbbbcccc-1-0' }, createVolume: false }]);
      expect(releases).toEqual([]);
    });

    it('gives it back with the next offer where it starts elsewhere', () => {
      const { record, left } = failed();
      const roomy = agentOffer(7, { free: { ...left.free, memMb: 1e6 } });
      const first = place([record], [left, roomy], 1e6);
      expect(first).toMatchObject({ launches: [{ agentId: 'A7' }], releases: [], awaitsRelease: true });
      const next = place([applyLaunch(record, first.launches[0]!, 1e6)], [left], 1e6);
      expect(next.releases).toMatchObject([
        { agentId: 'A1', volumeIds: left.footprints[0]!.volumeIds, rest: true },
      ]);
    });
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
});
