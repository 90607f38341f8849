import type { Admin } from '@cotton/mysql-ops';
import { expect, it, vi } from 'vitest';
import { enforce } from './lead-steps.ts';
import type { StepContext } from './step-context.ts';
import { opened } from './pulse.ts';

/** A primary under the rules of generation 7, and its mysqld, which answers as told. */
function primary(on: Admin['on']): StepContext {
  const state = {
    open: { epoch: 5, ackCount: 1, confirmed: true },
    enforced: { generation: 7, barred: [] as number[] },
    pulse: opened(0),
  };
  const context = {
    state,
    keeper: { admin: { on } },
    control: { members: [] },
    secrets: { replicationPassword: 'x' },
    signal: new AbortController().signal,
    beat: vi.fn(),
  };
  return context as unknown as StepContext;
}

const broken = (): Promise<never> => Promise.reject(new Error('broken off'));
const done = (): Promise<never> => Promise.resolve(undefined as never);
const step = { do: 'enforce', generation: 8, ackCount: 1, barred: [3] } as const;

// A member that the broken one had locked out would stay so, if control went back to generation 7.
it('what was broken off half-way is in force no more than what was before', async () => {
  for (const admin of [broken, vi.fn(done).mockImplementationOnce(done).mockImplementationOnce(broken)]) {
    const context = primary(admin);
    await expect(enforce(context, step)).rejects.toThrow('broken off');
    expect(context.state.enforced).toBeNull();
    expect(context.beat).not.toHaveBeenCalled();
  }
});

it('markers count for a generation once it is in force as a whole', async () => {
  const context = primary(vi.fn(done));
  await enforce(context, step);
  expect(context.state.enforced).toEqual({ generation: 8, barred: [3] });
  expect(context.state.open?.ackCount).toBe(1);
  expect(context.beat).toHaveBeenCalledOnce();
});
