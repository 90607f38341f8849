import type { ClusterRecord, TaskState } from '@cotton/core';
import { World } from '@cotton/core/testing';
import type { Resource } from '@cotton/mesos';
import { resources } from '@cotton/mesos';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { reservationFor } from '../mesos/reservation.ts';
import { ReleaseCheck } from './release-check.ts';
import { freeResources, OWNER } from './testing.ts';

const HOME = '10.0.0.1:5051';

let record: ClusterRecord;
let agents: { agentId: string; address: string; resources: Resource[] }[];
let looks: number;
let check: ReleaseCheck;
const onReleased = vi.fn<(uid: string, instance: string) => void>();
const onLeft = vi.fn<() => void>();

beforeEach(() => {
  vi.useFakeTimers();
  looks = 0;
  onReleased.mockReset();
  onLeft.mockReset();
});

afterEach(() => {
  check.close();
  vi.useRealTimers();
});

/** demo-1, at home on A1, is to go. */
function watch(task: TaskState | null): void {
  ({ record } = World.serving(2));
  const instances = record.instances.map((i) =>
    i.id === 'demo-1'
      ? { ...i, intent: 'remove' as const, task: task && i.task && { ...i.task, state: task } }
      : i,
  );
  record = { ...record, instances };
  check = new ReleaseCheck({
    mesos: {
      agents: async () => {
        looks++;
        return agents;
      },
    },
    installation: OWNER.installation,
    records: () => [record],
    onReleased,
    onLeft,
    onFailure: () => {},
  });
  check.ensureRunning();
}

function agent(agentId: string, address: string, left: Resource[] = []): (typeof agents)[number] {
  return { agentId, address, resources: [...freeResources(), ...left] };
}

function reserved(): Resource[] {
  const key = { clusterUid: record.uid, instance: 'demo-1' };
  return resources.reserve([resources.scalar('cpus', 1)], reservationFor(OWNER, key));
}

describe('an instance that is to go is forgotten', () => {
  it.each([
    ['its task has ended, its agent is there', null, 'A1', HOME],
    ['its task has ended, its agent is back under a new id', null, 'A9', HOME],
    ['its task is out of sight, its agent is back under a new id', 'unreachable', 'A9', HOME],
  ] as const)('when %s and shows nothing of it', async (_, task, agentId, address) => {
    agents = [agent('A0', '10.0.0.0:5051'), agent(agentId, address)];
    watch(task);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(onReleased).toHaveBeenCalledWith(record.uid, 'demo-1');
  });

  it.each([
    ['its task is out of sight, its agent is back under the same id', 'unreachable', 'A1', HOME],
    ['its task is out of sight, its agent is away', 'unreachable', 'A7', '10.0.0.7:5051'],
    ['its task has ended, its agent is away', null, 'A7', '10.0.0.7:5051'],
    ['its task runs', 'running', 'A9', HOME],
  ] as const)('not while %s', async (_, task, agentId, address) => {
    agents = [agent('A0', '10.0.0.0:5051'), agent(agentId, address)];
    watch(task);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(onReleased).not.toHaveBeenCalled();
  });

  it.each([null, 'unreachable'] as const)('not while any agent shows something of it (%s)', async (task) => {
    watch(task);
    agents = [agent('A9', HOME), agent('A7', '10.0.0.7:5051', reserved())];
    await vi.advanceTimersByTimeAsync(30_000);
    expect(looks).toBeGreaterThan(0);
    expect(onReleased).not.toHaveBeenCalled();
  });
});

it('wants the offers of an agent that is back under a new id and still has something of it', async () => {
  agents = [agent('A9', HOME, reserved())];
  watch('unreachable');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(onLeft).toHaveBeenCalled();
  agents = [agent('A1', HOME, reserved())];
  onLeft.mockReset();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(onLeft).not.toHaveBeenCalled();
});

it('asks less often while everything that is waited for is out of sight', async () => {
  agents = [];
  watch('unreachable');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(looks).toBe(6);
  check.close();
  looks = 0;
  watch(null);
  // Once soon: its agent may well be there.
  await vi.advanceTimersByTimeAsync(62_000);
  expect(looks).toBe(7);
  agents = [agent('A1', HOME, reserved())];
  await vi.advanceTimersByTimeAsync(10_000);
  looks = 0;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(looks).toBe(30);
});
