import { describe, expect, it } from 'vitest';
import { mustFence } from './fence.ts';
import { acknowledged, opened } from './pulse.ts';

const BOUND_MS = 3_000;
const pulse = acknowledged(opened(0), 10_000);
const open = { epoch: 1, ackCount: 1, confirmed: true };

describe('mustFence', () => {
  it('cut off from ZooKeeper and from those who acknowledge', () => {
    expect(mustFence({ open, pulse }, 'lost', BOUND_MS, 13_000)).toBe(true);
    expect(mustFence({ open, pulse }, 'closed', BOUND_MS, 13_000)).toBe(true);
  });

  it('also when its opening was not confirmed: it may be open', () => {
    expect(mustFence({ open: { ...open, confirmed: false }, pulse }, 'lost', BOUND_MS, 13_000)).toBe(true);
  });

  it('serves on while its writes are acknowledged', () => {
    expect(mustFence({ open, pulse }, 'lost', BOUND_MS, 12_999)).toBe(false);
  });

  it('serves on alone: nobody else is electable', () => {
    expect(mustFence({ open: { ...open, ackCount: 0 }, pulse }, 'lost', BOUND_MS, 99_000)).toBe(false);
  });

  it.each(['connected', 'connecting', 'suspect'] as const)('waits while its session is %s', (session) => {
    expect(mustFence({ open, pulse }, session, BOUND_MS, 99_000)).toBe(false);
  });

  it('leaves one alone that is not open', () => {
    expect(mustFence({ open: null, pulse }, 'lost', BOUND_MS, 99_000)).toBe(false);
  });
});
