import type { ReplicaState } from '@cotton/mysql-ops';
import { beforeEach, describe, expect, it } from 'vitest';
import { initialState, type InstanceState } from './instance-state.ts';
import { isApplierDue, noteReplication } from './watch-replication.ts';

const uuid = '11111111-1111-1111-1111-111111111111';
const seen: ReplicaState = {
  configured: true,
  source: { host: 'h', port: 1, serverUuid: uuid },
  receiver: 'running',
  applierRunning: true,
  receivedUnreadable: false,
  received: `${uuid}:1-10`,
  executed: `${uuid}:1-5`,
  lagSeconds: 2,
  semiSync: false,
};

describe('noteReplication', () => {
  let state: InstanceState;
  let nowMs = 0;

  const note = (change: Partial<ReplicaState> = {}) =>
    noteReplication(state, { ...seen, ...change }, { nowMs, boundMs: 3_000 });

  beforeEach(() => {
    const following = { epoch: 1, source: 'a-0', sourceUuid: uuid, semiSync: false };
    state = {
      ...initialState(),
      mysqld: 'serving',
      following,
      compared: true,
      catchUp: `${uuid}:1-10`,
    };
  });

  it('has caught up when it has applied what the source had', () => {
    note();
    expect(state).toMatchObject({ attached: true, caughtUp: false, lagSeconds: 2 });
    note({ executed: `${uuid}:1-12` });
    expect(state.caughtUp).toBe(true);
  });

  it('is not attached to a stranger, while connecting, or without an applier', () => {
    const stranger = { host: 'h', port: 1, serverUuid: uuid.replaceAll('1', '2') };
    for (const change of [
      { source: stranger },
      { receiver: 'connecting' as const },
      { applierRunning: false },
    ]) {
      note({ executed: seen.received, ...change });
      expect(state).toMatchObject({ attached: false, caughtUp: false, hears: false });
    }
  });

  it('knows when it holds what its source neither had nor sent', () => {
    note({ executed: `${uuid}:1-12`, received: `${uuid}:11-12` });
    expect(state.isErrant).toBe(false);
    note({ executed: `${uuid}:1-12,${uuid.replaceAll('1', '2')}:1`, received: `${uuid}:11-12` });
    expect(state.isErrant).toBe(true);
    // Only a comparison tells what the source has.
    state.compared = false;
    note({ executed: `${uuid}:1-12,${uuid.replaceAll('1', '2')}:1`, received: `${uuid}:11-12` });
    expect(state.isErrant).toBe(false);
  });

  it('asks to follow again when the receiver gave up, and says why', () => {
    note({ receiver: 'stopped', receiverError: '13114: purged' });
    expect(state.following).toBeNull();
    expect(state.problem).toContain('purged');
  });

  it('asks to follow again when another server answers where the source was', () => {
    note({ source: { host: 'h', port: 1, serverUuid: uuid.replaceAll('1', '2') } });
    expect(state.following).toBeNull();
  });

  it('asks again only after a rest', () => {
    const { following } = state;
    note({ receiver: 'stopped' });
    for (const [atMs, asked] of [
      [2_999, false],
      [3_000, true],
      [5_999, false],
    ] as const) {
      state.following = following;
      nowMs = atMs;
      note({ receiver: 'stopped' });
      expect(state.following === null, `${atMs}`).toBe(asked);
    }
    nowMs = 0;
  });

  it('asks to follow again when the applier cannot read what was received, after a rest', () => {
    const { following } = state;
    const unreadable = { applierRunning: false, applierError: '13117: header', receivedUnreadable: true };
    for (const [atMs, asked] of [
      [0, true],
      [2_999, false],
      [3_000, true],
    ] as const) {
      state.following = following;
      nowMs = atMs;
      note(unreadable);
      expect(state.following === null, `${atMs}`).toBe(asked);
    }
    nowMs = 0;
  });

  it('leaves a broken applier to people', () => {
    note({ applierRunning: false, applierError: '1062: duplicate' });
    expect(state.following).not.toBeNull();
    expect(state.problem).toContain('duplicate');
  });

  it('has to be compared again after it was away', () => {
    note({ executed: seen.received });
    expect(state.caughtUp).toBe(true);
    note({ receiver: 'connecting', executed: seen.received });
    expect(state).toMatchObject({ attached: false, caughtUp: false, compared: false });
    note({ executed: seen.received });
    expect(state).toMatchObject({ attached: true, caughtUp: false });
  });

  it('hears its source as long as something arrives within the bound', () => {
    note();
    expect(state.hears).toBe(true);
    nowMs += 2_999;
    note();
    expect(state.hears).toBe(true);
    nowMs += 1;
    note();
    expect(state.hears).toBe(false);
    note({ received: `${uuid}:1-11` });
    expect(state.hears).toBe(true);
    note({ received: `${uuid}:1-12`, receiver: 'connecting' });
    expect(state.hears).toBe(false);
  });

  describe('lags', () => {
    const count = (n: number): string => `${uuid}:1-${n}`;
    /** A look each second, at what has been received and applied by then. */
    const lookedAt = (appliedBy: (s: number) => number, seconds: number): boolean[] =>
      Array.from({ length: seconds }, (_, s) => {
        nowMs = s * 1_000;
        note({ received: count(100 + s * 10), executed: count(appliedBy(s)) });
        return state.lags;
      });

    it('not under a load that it keeps up with, however much is under way at a look', () => {
      expect(lookedAt((s) => 100 + (s - 1) * 10, 30)).not.toContain(true);
    });

    it('not when it stands still as it has everything', () => {
      expect(lookedAt((s) => 100 + s * 10, 3)).not.toContain(true);
      nowMs += 60_000;
      note({ received: count(120), executed: count(120) });
      nowMs += 60_000;
      note({ received: count(120), executed: count(120) });
      expect(state.lags).toBe(false);
    });

    it('from five seconds on that something has waited, for as long as it goes on so', () => {
      const lags = lookedAt((s) => Math.max(99, 100 + (s - 7) * 10), 60);
      expect(lags.indexOf(true)).toBe(5);
      expect(lags.slice(5)).not.toContain(false);
    });

    it('no longer once it has caught up, or has lost its source', () => {
      lookedAt(() => 99, 10);
      expect(state.lags).toBe(true);
      note({ received: count(200), executed: count(200) });
      note({ received: count(200), executed: count(200) });
      expect(state.lags).toBe(false);
      lookedAt(() => 99, 10);
      note({ receiver: 'connecting' });
      expect(state.lags).toBe(false);
    });
  });
});

describe('an applier that stopped', () => {
  const due = (state: InstanceState, nowMs: number, applierRunning = false): boolean =>
    isApplierDue(state, { ...seen, applierRunning }, { nowMs });

  it('is started again every ten seconds', () => {
    const state = initialState();
    const times = Array.from({ length: 31 }, (_, s) => s * 1_000);
    expect(times.filter((nowMs) => due(state, nowMs))).toEqual([10_000, 21_000]);
  });

  it('that runs again has all its time', () => {
    const state = initialState();
    expect([due(state, 0), due(state, 9_000, true), due(state, 12_000), due(state, 21_999)]).not.toContain(
      true,
    );
    expect(due(state, 22_000)).toBe(true);
  });
});
