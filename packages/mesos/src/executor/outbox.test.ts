import { expect, it } from 'vitest';
import type { TaskStatus } from '../wire/generated/types.ts';
import { Outbox } from './outbox.ts';

const status = (id: number): TaskStatus => ({
  taskId: { value: 't' },
  state: 'TASK_RUNNING',
  uuid: Buffer.alloc(16, id),
});

it('sends each update once by itself, and all that is unacknowledged in a SUBSCRIBE', () => {
  const outbox = new Outbox();
  outbox.add(status(1));
  outbox.add(status(2));
  expect(outbox.takeUnsent()).toEqual([status(1), status(2)]);
  expect(outbox.takeUnsent()).toEqual([]);
  outbox.add(status(3));
  expect(outbox.toSubscribe().unacknowledgedUpdates?.map((update) => update.status)).toEqual(
    [1, 2, 3].map(status),
  );
  expect(outbox.takeUnsent()).toEqual([]);
});

it('forgets what is acknowledged, whatever the order, and ignores what it does not know', async () => {
  const outbox = new Outbox();
  outbox.launched({ name: 't', taskId: { value: 't' }, agentId: { value: 'a' } });
  outbox.add(status(1));
  outbox.add(status(2));
  let empty = false;
  void outbox.emptied().then(() => (empty = true));
  outbox.acknowledged('t', Buffer.alloc(16, 2));
  outbox.acknowledged('other', Buffer.alloc(16, 9));
  await Promise.resolve();
  expect([outbox.isEmpty, empty]).toEqual([false, false]);
  expect(outbox.toSubscribe()).toEqual({
    unacknowledgedTasks: [],
    unacknowledgedUpdates: [{ status: status(1) }],
  });
  outbox.acknowledged('t', Buffer.alloc(16, 1));
  await Promise.resolve();
  expect([outbox.isEmpty, empty]).toEqual([true, true]);
});
