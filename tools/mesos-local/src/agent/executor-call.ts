import type { TaskInfo, TaskStatus } from '../messages.ts';
import { isUuidBytes } from '../uuid.ts';

/** A call of the executor API in its JSON form. */
export interface ExecutorCall {
  type?: string;
  executor_id: { value: string };
  framework_id: { value: string };
  subscribe?: { unacknowledged_tasks?: TaskInfo[]; unacknowledged_updates?: { status: TaskStatus }[] };
  update?: { status: TaskStatus };
  message?: { data: string };
}

const MEMBER: Record<string, keyof ExecutorCall> = {
  SUBSCRIBE: 'subscribe',
  UPDATE: 'update',
  MESSAGE: 'message',
};

/** What is wrong with a call, in the agent's words; `undefined` when nothing is. */
export function executorCallProblem(call: ExecutorCall): string | undefined {
  if (call.type === undefined || call.type === 'UNKNOWN') return "Expecting 'type' to be present";
  const member = MEMBER[call.type];
  if (member && call[member] === undefined) return `Expecting '${member}' to be present`;
  return call.type === 'UPDATE' ? updateProblem(call, call.update!.status) : undefined;
}

function updateProblem(call: ExecutorCall, status: TaskStatus): string | undefined {
  const executor = call.executor_id.value;
  const who = `executor ${executor} of framework ${call.framework_id.value}`;
  if (status.uuid === undefined) return "Expecting 'uuid' to be present";
  if (!isUuidBytes(status.uuid)) return 'Not a valid UUID';
  if (status.executor_id && status.executor_id.value !== executor)
    return `ExecutorID in Call: ${executor} does not match ExecutorID in TaskStatus: ${status.executor_id.value}`;
  if (status.source !== 'SOURCE_EXECUTOR')
    return `Received Call from ${who} with invalid source, expecting 'SOURCE_EXECUTOR'`;
  if (status.state === 'TASK_STAGING') return `Received TASK_STAGING from ${who} which is not allowed`;
  return undefined;
}
