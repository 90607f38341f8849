import type { InstanceSecrets, TaskData } from '@cotton/core';
import { MysqlOpsError, type MysqlOpsErrorCode } from '@cotton/mysql-ops';
import { expect, it, vi } from 'vitest';
import { Conductor, type RunningInstance } from './conductor.ts';
import { initialState } from './instance-state.ts';

const PLACE = { agentId: 'a', hostname: 'h', address: '', port: 1, httpPort: 2, volumeId: 'v' };

/** Stops its receiver, which is all that is wanted of it before there is control; that fails once. */
async function failOnce(code: MysqlOpsErrorCode) {
  const state = { ...initialState(), mysqld: 'serving' as const, receiving: true };
  const on = vi.fn(() => Promise.resolve()).mockRejectedValueOnce(new MysqlOpsError(code, 'once'));
  const killWithoutWaiting = vi.fn();
  const running = {
    keeper: { admin: { on }, killWithoutWaiting },
    volume: '/nowhere',
  } as unknown as RunningInstance;
  const conductor = new Conductor({
    task: {} as TaskData,
    names: { instance: 'demo-0', taskId: 't', place: PLACE, volumeId: 'v', bootId: 'b' },
    state,
    secretsIn: (): InstanceSecrets | undefined => undefined,
    publish: () => undefined,
    beat: () => undefined,
    log: { info: vi.fn(), warn: vi.fn(), error: vi.fn() } as never,
  });
  const end = new AbortController();
  const working = conductor.run(running, end.signal);
  await expect.poll(() => on.mock.calls.length).toBe(2);
  end.abort();
  await working;
  return killWithoutWaiting;
}

it('kills a mysqld that is half open: it comes up closed', async () => {
  expect(await failOnce('not_read_only')).toHaveBeenCalledOnce();
});

it('only repeats a step that failed for another reason', async () => {
  expect(await failOnce('statement_failed')).not.toHaveBeenCalled();
});
