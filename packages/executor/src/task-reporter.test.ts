import type { Update } from '@cotton/mesos';
import { expect, it } from 'vitest';
import { TASK_MESSAGE_MAX, TaskReporter } from './task-reporter.ts';

function recorder(): { updates: Update[]; reporter: TaskReporter } {
  const updates: Update[] = [];
  const update = (one: Update) => {
    updates.push(one);
    return new Uint8Array();
  };
  return { updates, reporter: new TaskReporter({ update }, 't') };
}

it('tells phases only until the task runs, and nothing after its end', () => {
  const { updates, reporter } = recorder();
  reporter.starting('installing');
  reporter.running();
  reporter.starting('late');
  reporter.failed('broken');
  reporter.killed('too late');
  expect(updates.map((u) => u.state)).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED']);
});

it('keeps the beginning and the end of a long message', () => {
  const { updates, reporter } = recorder();
  reporter.failed(`what happened ${'x'.repeat(5_000)} the last line`);
  const message = updates[0]?.message ?? '';
  expect(message.length).toBeLessThanOrEqual(TASK_MESSAGE_MAX);
  expect(message).toMatch(/^what happened.*the last line$/);
});
