import type { Log } from '@cotton/log';
import type { Admin } from '@cotton/mysql-ops';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mayPurge, watchBinaryLogs } from './binary-log-watch.ts';
import { initialState, type InstanceState } from './instance-state.ts';
import { NO_PULSE } from './pulse.ts';

const nothing = () => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing };
const stateOf = (changes: Partial<InstanceState>): InstanceState => ({ ...initialState(), ...changes });

const open = { epoch: 3, ackCount: 1, confirmed: true };
const enforced = { generation: 7, barred: [] };
const settled = (generation: number) => ({ ...NO_PULSE, settled: generation });
const leads = { open, enforced, pulse: settled(7) };
const follows = { attached: true, caughtUp: true };

describe('binary logs are purged', () => {
  const cases: [string, Partial<InstanceState>, boolean][] = [
    ['by a primary that replicas have acknowledged', leads, true],
    ['not before a marker came back in this generation', { ...leads, pulse: settled(6) }, false],
    ['not before its rules are in force', { ...leads, enforced: null }, false],
    ['not before it is known to be open', { ...leads, open: { ...open, confirmed: false } }, false],
    ['by a replica that has caught up', follows, true],
    ['not while it catches up', { ...follows, caughtUp: false }, false],
    ['not while it is attached to nobody', { ...follows, attached: false }, false],
    ['not by a primary that was deposed', {}, false],
  ];

  it.each(cases)('%s', (_name, state, expected) => {
    expect(mayPurge(stateOf(state))).toBe(expected);
  });
});

describe('the watch on the binary logs', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const admin = {} as Admin;
  const watch = (keeper: { admin: Admin | undefined }, state: Partial<InstanceState>) => {
    const purge = vi.fn(async () => 0);
    const size = vi.fn(async () => 5);
    const ofInstance = stateOf(state);
    const stop = watchBinaryLogs({ state: ofInstance, keeper, keepBytes: 5, size, purge, log });
    return { purge, size, stop, state: ofInstance };
  };

  it('purges again and again, until it is stopped', async () => {
    const { purge, stop } = watch({ admin }, follows);
    await vi.advanceTimersByTimeAsync(60_000);
    const times = purge.mock.calls.length;
    expect(times).toBeGreaterThanOrEqual(2);
    expect(purge).toHaveBeenLastCalledWith(admin, 5, expect.anything());
    stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(purge).toHaveBeenCalledTimes(times);
  });

  it('asks nobody while mysqld does not serve, or must keep all', async () => {
    const watches = [watch({ admin: undefined }, follows), watch({ admin }, {})];
    await vi.advanceTimersByTimeAsync(60_000);
    for (const { purge, stop } of watches) {
      stop();
      expect(purge).not.toHaveBeenCalled();
    }
  });

  it('has a replica that has become errant compared again, once something has to go', async () => {
    const { purge, size, stop, state } = watch({ admin }, { ...follows, compared: true, isErrant: true });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(state).toMatchObject({ attached: true, compared: true });
    size.mockResolvedValue(6);
    await vi.advanceTimersByTimeAsync(60_000);
    stop();
    expect(state).toMatchObject({ attached: false, compared: false });
    expect(purge).not.toHaveBeenCalled();
  });

  it('never has two of them under way, and goes on after one that failed', async () => {
    const { purge, stop } = watch({ admin }, follows);
    const first = Promise.withResolvers<number>();
    purge.mockReturnValueOnce(first.promise);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(purge).toHaveBeenCalledTimes(1);
    first.reject(new Error('mysqld has ended'));
    await vi.advanceTimersByTimeAsync(60_000);
    stop();
    expect(purge.mock.calls.length).toBeGreaterThan(1);
  });
});
