import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Flags } from '../flags.ts';
import type { EventStream } from '../http/event-stream.ts';
import { masterConfig } from './config.ts';
import { Faults } from './faults.ts';
import { Master } from './master.ts';
import { emptyRegistry, Registry, type RegistryState } from './registry.ts';
import { newFramework } from './subscriptions.ts';

const REREGISTER_TIMEOUT_MS = 600_000;
const QUESTION = { task_id: { value: 'T' }, agent_id: { value: 'S0' } };

let stored: RegistryState;
let master: Master;

beforeEach(() => {
  vi.useFakeTimers();
  const info = { id: { value: 'S0' }, hostname: 'host0', port: 5051 };
  stored = { ...emptyRegistry(), admitted: [{ ...info, resources: [] } as never] };
});

afterEach(() => {
  master.stop();
  vi.useRealTimers();
});

/** A master that takes over, and what a framework with PARTITION_AWARE hears of the task. */
async function takeOver(): Promise<() => string[]> {
  const registry = new Registry({ load: async () => stored, save: (state) => (stored = state) });
  await registry.recover();
  master = new Master(masterConfig(new Flags(['--work_dir=/nowhere'])), registry, 'M', new Faults());
  master.start();
  const heard: string[] = [];
  const send = (event: { type: string; update?: { status: { state: string } } }) =>
    heard.push(event.update?.status.state ?? event.type);
  const framework = newFramework({
    id: { value: 'F' },
    user: 'root',
    name: 'test',
    capabilities: [{ type: 'PARTITION_AWARE' }],
  });
  framework.stream = { send } as unknown as EventStream;
  master.frameworks.set(framework.id, framework);
  return () => {
    master.reconciliation.reconcile(framework, [QUESTION]);
    return heard.splice(0);
  };
}

describe('an agent that is marked gone', () => {
  it('before it is back after a failover is not spoken of until the next one', async () => {
    const ask = await takeOver();
    expect(master.agentRemoval.markGone('S0')).toBe(true);
    expect(ask()).toEqual([]);
    vi.advanceTimersByTime(REREGISTER_TIMEOUT_MS);
    expect(ask()).toEqual([]);
    master.stop();
    expect((await takeOver())()).toEqual(['TASK_GONE_BY_OPERATOR']);
  });

  it('when it stayed away is answered for', async () => {
    const ask = await takeOver();
    vi.advanceTimersByTime(REREGISTER_TIMEOUT_MS);
    expect(ask()).toEqual(['FAILURE', 'TASK_UNREACHABLE']);
    expect(master.agentRemoval.markGone('S0')).toBe(true);
    expect(ask()).toEqual(['TASK_GONE_BY_OPERATOR']);
  });

  it('is an agent that somebody knows', async () => {
    await takeOver();
    expect(master.agentRemoval.markGone('S1')).toBe(false);
  });
});
