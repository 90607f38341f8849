import { describe, expect, it } from 'vitest';
import { SIBLING_GRACE_MS, startElection } from './election.ts';
import { fromOtherClock } from './other-clock.ts';
import { World } from './testing.ts';

describe('a record of a leader whose clock was ahead', () => {
  const AHEAD_MS = 3_600_000;

  it('makes nobody wait for longer than was meant', () => {
    const world = World.serving(3);
    const { nowMs } = world;
    world.nowMs += AHEAD_MS;
    world.record = startElection(world.record, 'lost', world.seen());
    const election = world.record.election && { ...world.record.election, wonAtMs: world.nowMs };
    world.record = { ...world.record, election, detachedSinceMs: { 'demo-1': world.nowMs } };
    world.task('demo-2', 'TASK_FAILED', false);
    world.nowMs = nowMs;
    const record = fromOtherClock(world.record, nowMs);
    expect(record.election).toMatchObject({ startedAtMs: nowMs, askedAtMs: nowMs, wonAtMs: nowMs });
    expect(record.detachedSinceMs).toEqual({ 'demo-1': nowMs });
    expect(record.instances.find((i) => i.id === 'demo-2')).toMatchObject({
      retryAtMs: nowMs,
      awaySinceMs: nowMs,
    });
  });

  it('keeps how long a switchover may take', () => {
    const { record, nowMs } = World.serving(3);
    const switchover = { id: 's', to: 'demo-1', graceMs: 0, steps: [], handedOver: null };
    const begun = { ...switchover, startedAtMs: nowMs + AHEAD_MS, deadlineAtMs: nowMs + AHEAD_MS + 10_000 };
    expect(fromOtherClock({ ...record, switchover: begun }, nowMs).switchover).toMatchObject({
      startedAtMs: nowMs,
      deadlineAtMs: nowMs + 10_000,
    });
  });

  it('is not touched where it speaks of the past, but asks for reports anew', () => {
    const world = World.serving(3);
    world.record = startElection(world.record, 'lost', world.seen());
    world.nowMs += SIBLING_GRACE_MS;
    const election = world.record.election && { ...world.record.election, askedAtMs: world.nowMs };
    expect(fromOtherClock(world.record, world.nowMs)).toEqual({ ...world.record, election });
  });
});
