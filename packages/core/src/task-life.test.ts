import { describe, expect, it } from 'vitest';
import { applyLaunch, place } from './placement.ts';
import type { ClusterRecord } from './record.ts';
import { applyTaskUpdate } from './task-life.ts';
import { agentOffer, World } from './testing.ts';

function hear({ record, nowMs }: World, taskId: string, state: string): ClusterRecord {
  const update = { taskId, agentId: 'A0', state, reason: '', message: '', fromExecutor: false };
  return applyTaskUpdate(record, update, nowMs);
}

function launched(): World {
  const world = new World(1);
  world.decide();
  world.launch([agentOffer(0)]);
  return world;
}

describe('task updates', () => {
  it('keep the home of an instance whose executor has written there', () => {
    const world = launched();
    world.task('demo-0', 'TASK_FAILED', false);
    expect(world.instance('demo-0')).toMatchObject({ task: null, home: { seeded: true }, failures: 1 });
  });

  it.each(['TASK_LOST', 'TASK_UNREACHABLE', 'TASK_UNKNOWN'])('never take the volume away on %s', (state) => {
    const world = launched();
    world.task('demo-0', state, false);
    expect(world.instance('demo-0')).toMatchObject({
      task: { state: 'unreachable' },
      home: { seeded: true },
      awaySinceMs: world.nowMs,
    });
  });

  it('forget a launch that no master ever heard of', () => {
    const world = new World(1);
    world.decide();
    world.launch([agentOffer(0)]);
    const fresh = world.instance('demo-0');
    world.record = {
      ...world.record,
      instances: [
        {
          ...fresh,
          home: fresh.home && { ...fresh.home, seeded: false },
          task: fresh.task && { ...fresh.task, state: 'launching' },
        },
      ],
    };
    world.task('demo-0', 'TASK_UNKNOWN', false);
    expect(world.instance('demo-0')).toMatchObject({ task: null, home: { seeded: false } });
  });

  it('end the lost task of an instance that is to go, and go on waiting for its volume', () => {
    const world = launched();
    world.task('demo-0', 'TASK_LOST', false);
    world.record = { ...world.record, instances: [{ ...world.instance('demo-0'), intent: 'remove' }] };
    world.task('demo-0', 'TASK_UNKNOWN', false);
    expect(world.instance('demo-0')).toMatchObject({ task: null, home: { seeded: true } });
  });

  it('give up an agent that its operator marked gone', () => {
    const world = launched();
    world.task('demo-0', 'TASK_GONE_BY_OPERATOR', false);
    expect(world.instance('demo-0')).toMatchObject({ intent: 'remove', home: null, task: null });
    world.decide();
    expect(world.record.instances.map((i) => i.id)).toEqual(['demo-1']);
  });

  it('give up an agent that its operator marked gone between two tasks', () => {
    const world = launched();
    const taskId = world.instance('demo-0').task?.id ?? '';
    world.task('demo-0', 'TASK_FAILED', false);
    const between = world.record;
    for (const state of ['TASK_GONE', 'TASK_UNREACHABLE', 'TASK_LOST', 'TASK_UNKNOWN', 'TASK_RUNNING'])
      expect(hear(world, taskId, state)).toBe(between);
    expect(hear(world, taskId, 'TASK_GONE_BY_OPERATOR').instances).toMatchObject([
      { intent: 'remove', home: null, task: null },
    ]);
  });

  it('of an earlier attempt say nothing of this one, not even that its agent is gone', () => {
    const world = launched();
    const taskId = world.instance('demo-0').task?.id ?? '';
    const { home } = world.instance('demo-0');
    world.task('demo-0', 'TASK_FAILED', false);
    world.nowMs += 1_000;
    const own = { clusterUid: world.record.uid, instance: 'demo-0', cpus: 1, memMb: 512, diskMb: 0 };
    const ports = home ? [home.port, home.httpPort] : [];
    const footprints = [{ ...own, ports, volumeIds: home ? [home.volumeId] : [] }];
    world.launch([agentOffer(9, { address: '10.0.0.0:5051', footprints })]);
    expect(world.instance('demo-0')).toMatchObject({ attempts: 2, home: { agentId: 'A9' } });
    expect(hear(world, taskId, 'TASK_GONE_BY_OPERATOR')).toBe(world.record);
    world.task('demo-0', 'TASK_FAILED', false);
    expect(hear(world, taskId, 'TASK_GONE_BY_OPERATOR')).toBe(world.record);
  });

  it.each(['TASK_UNREACHABLE', 'TASK_LOST', 'TASK_UNKNOWN'])(
    'on %s let a cluster that forms start another instance elsewhere, when nothing has reported from the first',
    (state) => {
      const world = new World(1);
      world.decide();
      const [launch] = place([world.record], [agentOffer(0)], world.nowMs).launches;
      if (!launch) throw new Error('one launch');
      world.record = applyLaunch(world.record, launch, world.nowMs);
      world.task('demo-0', 'TASK_STAGING', false);
      world.task('demo-0', state, false);
      // Its home stays known: a deletion has to wait for what it may hold.
      const lost = { intent: 'remove', task: { state: 'unreachable' }, home: { agentId: 'A0' } };
      expect(world.instance('demo-0')).toMatchObject(lost);
      world.decide();
      world.launch([agentOffer(1)]);
      world.settle(['demo-1']);
      expect(world.record).toMatchObject({
        phase: 'steady',
        primary: { instance: 'demo-1' },
        instances: [lost, { id: 'demo-1', home: { agentId: 'A1' } }],
      });
    },
  );

  it('wait for an agent out of sight once the cluster has served', () => {
    const world = World.serving(2);
    world.record = { ...world.record, spec: { ...world.record.spec, nodes: 3 } };
    world.decide();
    const [launch] = place([world.record], [agentOffer(2)], world.nowMs).launches;
    if (!launch) throw new Error('one launch');
    world.record = applyLaunch(world.record, launch, world.nowMs);
    world.task('demo-2', 'TASK_UNREACHABLE', false);
    expect(world.instance('demo-2')).toMatchObject({
      task: { state: 'unreachable' },
      home: { seeded: false },
    });
  });

  it('are ignored for any but the current task', () => {
    const world = launched();
    const before = world.record;
    world.task('demo-0', 'TASK_FAILED', false);
    world.launch([agentOffer(0, { footprints: [] })]);
    const after = world.record;
    expect(after).not.toBe(before);
    world.task('demo-0', 'TASK_RUNNING');
    expect(world.record).toBe(after);
  });

  it('back off longer with each failure, and begin anew after a stable run', () => {
    const world = launched();
    const delays: number[] = [];
    for (let n = 0; n < 10; n++) {
      world.task('demo-0', 'TASK_FAILED', false);
      delays.push(world.instance('demo-0').retryAtMs - world.nowMs);
      const task = {
        id: `t${n}`,
        agentId: 'A0',
        state: 'running' as const,
        startedAtMs: world.nowMs,
        message: '',
      };
      world.record = { ...world.record, instances: [{ ...world.instance('demo-0'), task }] };
    }
    expect(delays.slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
    expect(delays.at(-1)).toBe(60_000);
    world.nowMs += 61_000;
    world.task('demo-0', 'TASK_FAILED', false);
    expect(world.instance('demo-0').retryAtMs - world.nowMs).toBe(500);
  });
});
