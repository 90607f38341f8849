import { timestampNow, type TaskStatus } from '../messages.ts';
import { newUuidBytes } from '../uuid.ts';
import type { PendingTermination } from './model.ts';

/** An executor that ended without saying anything about its tasks. */
export const TERMINATED: PendingTermination = {
  state: 'TASK_FAILED',
  reason: 'REASON_EXECUTOR_TERMINATED',
  message: 'Executor terminated',
};

/** Operations before the launch did not reach this agent. */
export const UNKNOWN_RESOURCES: PendingTermination = {
  state: 'TASK_DROPPED',
  reason: 'REASON_RESOURCES_UNKNOWN',
  message: 'The checkpointed resources being used by the task or task group are unknown to the agent',
};

/** A status that the agent itself makes; without an executor id where none is known. */
export const ownStatus = (
  agentId: string,
  taskId: string,
  executorId: string | undefined,
  why: PendingTermination,
): TaskStatus => ({
  task_id: { value: taskId },
  state: why.state,
  message: why.message,
  source: 'SOURCE_AGENT',
  reason: why.reason,
  agent_id: { value: agentId },
  ...(executorId !== undefined && { executor_id: { value: executorId } }),
  timestamp: timestampNow(),
  uuid: newUuidBytes(),
});
