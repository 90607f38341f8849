import type { ReplicaState } from '@cotton/mysql-ops';
import { beforeEach, describe, expect, it } from 'vitest';
import { initialState, type InstanceState } from './instance-state.ts';
import { noteReplication } from './watch-replication.ts';

const uuid = '11111111-1111-1111-1111-111111111111';
const seen: ReplicaState = {
  configured: true,
  source: { host: 'h', port: 1, serverUuid: uuid },
  receiver: 'running',
  applierRunning: true,
  received: `${uuid}:1-10`,
  executed: `${uuid}:1-5`,
  lagSeconds: 2,
  semiSync: false,
};

describe('noteReplication', () => {
  let state: InstanceState;

  beforeEach(() => {
    const following = { epoch: 1, source: 'a-0', sourceUuid: uuid, semiSync: false };
    state = {
      ...initialState(),
      mysqld: 'serving',
      following,
      catchUp: { target: `${uuid}:1-10`, received: false },
    };
  });

  it('has caught up when it has applied what the source had', () => {
    noteReplication(state, seen);
    expect(state).toMatchObject({ attached: true, caughtUp: false, lagSeconds: 2 });
    noteReplication(state, { ...seen, executed: `${uuid}:1-12` });
    expect(state.caughtUp).toBe(true);
  });

  it('while promoting, what is received counts', () => {
    state.catchUp = { target: `${uuid}:1-10`, received: true };
    noteReplication(state, seen);
    expect(state.caughtUp).toBe(true);
  });

  it('is not attached to a stranger, while connecting, or without an applier', () => {
    const stranger = { host: 'h', port: 1, serverUuid: uuid.replaceAll('1', '2') };
    for (const change of [
      { source: stranger },
      { receiver: 'connecting' as const },
      { applierRunning: false },
    ]) {
      noteReplication(state, { ...seen, executed: seen.received, ...change });
      expect(state).toMatchObject({ attached: false, caughtUp: false });
    }
  });

  it('asks to follow again when the receiver gave up, and says why', () => {
    noteReplication(state, { ...seen, receiver: 'stopped', receiverError: '13114: purged' });
    expect(state.following).toBeNull();
    expect(state.problem).toContain('purged');
  });

  it('leaves a broken applier to people', () => {
    noteReplication(state, { ...seen, applierRunning: false, applierError: '1062: duplicate' });
    expect(state.following).not.toBeNull();
    expect(state.problem).toContain('duplicate');
  });
});
