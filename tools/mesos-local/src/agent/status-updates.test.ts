import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { TaskStatus } from '../messages.ts';
import { StatusUpdates } from './status-updates.ts';

let forwarded: string[];
let completed: string[];
let updates: StatusUpdates;

const status = (uuid: string, state = 'TASK_RUNNING'): TaskStatus => ({
  task_id: { value: 'T' },
  state,
  uuid,
});

beforeEach(() => {
  vi.useFakeTimers();
  forwarded = [];
  completed = [];
  updates = new StatusUpdates({
    forward: (_framework, { uuid }) => forwarded.push(uuid!),
    completed: (_framework, taskId) => completed.push(taskId),
  });
  updates.resume();
});

afterEach(() => vi.useRealTimers());

it('sends one update at a time and the next when it is acknowledged', () => {
  updates.add('f', status('1'));
  updates.add('f', status('2'));
  expect(forwarded).toEqual(['1']);
  updates.acknowledge('f', 'T', '2');
  updates.acknowledge('f', 'T', 'wrong');
  expect(forwarded).toEqual(['1']);
  updates.acknowledge('f', 'T', '1');
  expect(forwarded).toEqual(['1', '2']);
});

it('repeats after 10, 20, 40 seconds and never less often than every 10 minutes', () => {
  updates.add('f', status('1'));
  for (const seconds of [10, 20, 40, 80, 160, 320, 600, 600]) {
    const before = forwarded.length;
    vi.advanceTimersByTime(seconds * 1000 - 1);
    expect(forwarded).toHaveLength(before);
    vi.advanceTimersByTime(1);
    expect(forwarded).toHaveLength(before + 1);
  }
});

it('takes a uuid only once, also after it was acknowledged', () => {
  expect(updates.add('f', status('1'))).toBe(true);
  expect(updates.add('f', status('1'))).toBe(false);
  updates.acknowledge('f', 'T', '1');
  expect(updates.add('f', status('1'))).toBe(false);
  expect(forwarded).toEqual(['1']);
});

it('is quiet while the master is away and sends again when it is back', () => {
  updates.add('f', status('1'));
  updates.pause();
  vi.advanceTimersByTime(60_000);
  expect(forwarded).toEqual(['1']);
  updates.resume();
  expect(forwarded).toEqual(['1', '1']);
});

it('reports a task as over when its terminal update is acknowledged', () => {
  updates.add('f', status('1', 'TASK_FINISHED'));
  expect(completed).toEqual([]);
  updates.acknowledge('f', 'T', '1');
  expect(completed).toEqual(['T']);
});

it('journals what arrives and what is acknowledged, in order', () => {
  const lines: string[] = [];
  const journal = {
    update: ({ uuid }: TaskStatus) => lines.push(`+${uuid}`),
    acknowledged: (uuid: string) => lines.push(`-${uuid}`),
  };
  updates.add('f', status('1'), journal);
  updates.add('f', status('2'), journal);
  updates.acknowledge('f', 'T', '1');
  expect(lines).toEqual(['+1', '+2', '-1']);
});
