import { describe, expect, it } from 'vitest';
import { discoveryOf } from './publish.ts';
import { World } from './testing.ts';
import { viewOf } from './view.ts';

const found = (world: World) => {
  const { primary, replicas } = discoveryOf(world.record, world.seen());
  return { primary: primary?.instance ?? null, replicas: replicas.map(({ instance }) => instance) };
};
const all = { primary: 'demo-0', replicas: ['demo-1', 'demo-2'] };

describe('discovery', () => {
  it('stays while statuses are not there and that proves nothing: a new leader, or ZooKeeper after an outage', () => {
    const world = World.serving(3);
    expect(found(world)).toEqual(all);
    world.absenceCounts = false;
    world.statuses.clear();
    expect(found(world)).toEqual(all);
    expect(viewOf(world.record, world.seen(), new Map())).toMatchObject({
      state: 'DEGRADED',
      reason: 'demo-0 has not reported yet since ZooKeeper came back',
    });
  });

  it('drops whom it has seen otherwise', () => {
    const world = World.serving(3);
    world.absenceCounts = false;
    world.statuses.clear();
    world.obey('demo-0', { role: 'none', lead: null });
    world.obey('demo-1', { replication: null });
    expect(found(world)).toEqual({ primary: null, replicas: ['demo-2'] });
  });

  it('drops a lost primary also where nobody replaces it', () => {
    const world = World.serving(3);
    world.record = { ...world.record, spec: { ...world.record.spec, hold: true } };
    world.statuses.delete('demo-0');
    for (const id of ['demo-1', 'demo-2'])
      world.obey(id, {
        replication: {
          epoch: world.record.epoch,
          source: 'demo-0',
          attached: false,
          caughtUp: true,
          hears: false,
          lags: false,
        },
      });
    world.decide();
    expect(world.record.phase).toBe('steady');
    expect(found(world).primary).toBeNull();
  });
});
