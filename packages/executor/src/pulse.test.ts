import { describe, expect, it } from 'vitest';
import {
  acknowledged,
  enforced,
  isHeard,
  isUnheard,
  opened,
  ordered,
  settled,
  silentForMs,
} from './pulse.ts';

const BOUND_MS = 3_000;
const start = enforced(opened(1_000), { generation: 5, ackCount: 1 });

describe('pulse', () => {
  it('alone, a generation is settled as soon as it is in force', () => {
    expect(start.settled).toBe(0);
    expect(enforced(start, { generation: 6, ackCount: 0 }).settled).toBe(6);
  });

  it('never goes back', () => {
    expect(settled(settled(start, 7), 6).settled).toBe(7);
    expect(acknowledged(acknowledged(start, 2_000), 1_500).acknowledgedAtMs).toBe(2_000);
  });

  it('counts silence from the writing of the last marker that was acknowledged', () => {
    expect(silentForMs(start, 1_500)).toBe(500);
    expect(silentForMs(acknowledged(start, 1_200), 1_500)).toBe(300);
  });

  it('is unheard after the bound, under a generation that had as long', () => {
    expect(isUnheard(start, 1, BOUND_MS, 3_999)).toBe(false);
    expect(isUnheard(start, 1, BOUND_MS, 4_000)).toBe(true);
    expect(isUnheard(start, 0, BOUND_MS, 9_000)).toBe(false);
    expect(isUnheard(ordered(start, 3_500), 1, BOUND_MS, 4_000)).toBe(false);
  });

  it('an acknowledgement, and another generation, withdraw the request to go on alone', () => {
    const asking = { ...start, degrade: 5 };
    expect(acknowledged(asking, 5_000).degrade).toBeNull();
    expect(ordered(asking, 5_000).degrade).toBeNull();
    expect(enforced(asking, { generation: 6, ackCount: 0 }).degrade).toBeNull();
  });

  it('is heard only when an acknowledgement says so, or none is needed', () => {
    expect(isHeard(start, 1, BOUND_MS, 1_001)).toBe(false);
    expect(isHeard(acknowledged(start, 1_000), 1, BOUND_MS, 3_999)).toBe(true);
    expect(isHeard(acknowledged(start, 1_000), 1, BOUND_MS, 4_000)).toBe(false);
    expect(isHeard(start, 0, BOUND_MS, 9_000)).toBe(true);
  });
});
