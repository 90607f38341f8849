import { beforeEach, describe, expect, it } from 'vitest';
import { Liveness } from './liveness.ts';

const TIMEOUT_MS = 6_000;
let nowMs: number;
let liveness: Liveness;

beforeEach(() => {
  nowMs = 1_000_000;
  liveness = new Liveness(() => nowMs, TIMEOUT_MS);
});

describe('Liveness', () => {
  it('cannot lose a session that there never was', () => {
    nowMs += 10 * TIMEOUT_MS;
    expect(liveness.judge()).toBe('live');
    expect(liveness.freshnessMs()).toBe(Infinity);
    expect(liveness.untilNextMs()).toBe(Infinity);
  });

  it.each([
    [0, 'live'],
    [3_999, 'live'],
    [4_000, 'suspect'],
    [5_999, 'suspect'],
    [6_000, 'lost'],
    [60_000, 'lost'],
  ])('after %i ms of silence is %s', (silenceMs, judgement) => {
    liveness.answered(nowMs);
    nowMs += silenceMs;
    expect(liveness.judge()).toBe(judgement);
    expect(liveness.freshnessMs()).toBe(silenceMs);
  });

  it('counts from when the answered request was sent, not from its answer', () => {
    const sentAtMs = nowMs;
    nowMs += 3_000;
    liveness.answered(sentAtMs);
    expect(liveness.freshnessMs()).toBe(3_000);
    nowMs += 1_000;
    expect(liveness.judge()).toBe('suspect');
  });

  it('is not set back by answers out of order', () => {
    liveness.answered(nowMs);
    liveness.answered(nowMs - 5_000);
    expect(liveness.freshnessMs()).toBe(0);
  });

  it('recovers from suspicion with a fresh answer, by what the server granted', () => {
    liveness.answered(nowMs);
    nowMs += 5_000;
    expect(liveness.judge()).toBe('suspect');
    liveness.answered(nowMs);
    liveness.granted(3_000);
    expect(liveness.judge()).toBe('live');
    nowMs += 3_000;
    expect(liveness.judge()).toBe('lost');
  });

  it('tells when to look next', () => {
    liveness.answered(nowMs);
    expect(liveness.untilNextMs()).toBe(4_000);
    nowMs += 4_000;
    expect(liveness.untilNextMs()).toBe(2_000);
    nowMs += 2_000;
    expect(liveness.untilNextMs()).toBe(Infinity);
  });
});
