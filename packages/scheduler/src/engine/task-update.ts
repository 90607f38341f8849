import type { TaskUpdate } from '@cotton/core';
import type { TaskStatus } from '@cotton/mesos';

/** A Mesos status in the core's words. */
export function toTaskUpdate(status: TaskStatus): TaskUpdate {
  return {
    taskId: status.taskId.value,
    agentId: status.agentId?.value ?? null,
    state: status.state,
    reason: status.reason ?? '',
    message: status.message ?? '',
    fromExecutor: status.source === 'SOURCE_EXECUTOR',
  };
}

export function isLive(state: string): boolean {
  return ['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING'].includes(state);
}
