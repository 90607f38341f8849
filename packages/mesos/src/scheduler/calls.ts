/**
 * The calls a framework sends, as messages for `SchedulerConnection.call`, which adds the framework
 * id. A call that is answered 202 has been received; whether it had the wanted effect only events tell.
 */
import type { OfferOperation, OperationStatus, SchedulerCall, TaskStatus } from '../wire/generated/types.ts';
import { durationInfo } from '../wire/time.ts';

/** Without framework id. */
export type Call = Omit<SchedulerCall, 'frameworkId'>;

/**
 * Uses offers of one agent and role, operations in order; one that fails does not stop the rest.
 * A single stale offer id discards the whole call. What is left over is refused for
 * `refuseSeconds` (Mesos' default: 5).
 */
export function accept(offerIds: string[], operations: OfferOperation[], refuseSeconds?: number): Call {
  return {
    type: 'ACCEPT',
    accept: { offerIds: offerIds.map(id), operations, ...filters(refuseSeconds) },
  };
}

/** Gives offers back; subsets of them are not offered again for `refuseSeconds` (Mesos' default: 5). */
export function decline(offerIds: string[], refuseSeconds?: number): Call {
  return { type: 'DECLINE', decline: { offerIds: offerIds.map(id), ...filters(refuseSeconds) } };
}

/** Ends suppression and filters of these roles, of all roles without any. */
export function revive(roles: string[] = []): Call {
  return { type: 'REVIVE', revive: { roles } };
}

/** No more offers for these roles, for all without any. Outstanding ones stay. */
export function suppress(roles: string[] = []): Call {
  return { type: 'SUPPRESS', suppress: { roles } };
}

/** Best effort: repeat it until a terminal update comes. A wrong agent id is dropped silently. */
export function kill(taskId: string, agentId?: string, gracePeriodMs?: number): Call {
  return {
    type: 'KILL',
    kill: {
      taskId: id(taskId),
      ...(agentId !== undefined && { agentId: id(agentId) }),
      ...(gracePeriodMs !== undefined && { killPolicy: { gracePeriod: durationInfo(gracePeriodMs) } }),
    },
  };
}

/**
 * The acknowledgement of a status update; undefined for one without uuid (made by the master or
 * by reconciliation), which must not be acknowledged. Until then the agent sends no later update of the task.
 */
export function acknowledge({ agentId, taskId, uuid }: TaskStatus): Call | undefined {
  if (!uuid || !agentId) return undefined;
  return { type: 'ACKNOWLEDGE', acknowledge: { agentId, taskId, uuid } };
}

/** The same for an operation's status. Its uuid is a message in the event and plain bytes in the call. */
export function acknowledgeOperation(status: OperationStatus): Call | undefined {
  const { operationId, agentId, resourceProviderId, uuid } = status;
  if (!uuid || !operationId) return undefined;
  return {
    type: 'ACKNOWLEDGE_OPERATION_STATUS',
    acknowledgeOperationStatus: {
      operationId,
      uuid: uuid.value,
      ...(agentId && { agentId }),
      ...(resourceProviderId && { resourceProviderId }),
    },
  };
}

/**
 * Asks for the state of these tasks, of all known ones without any. Silence is no answer: agents
 * that have not reregistered after a master failover are not spoken for.
 */
export function reconcile(tasks: { taskId: string; agentId?: string }[] = []): Call {
  const asked = tasks.map(({ taskId, agentId }) => ({
    taskId: id(taskId),
    ...(agentId !== undefined && { agentId: id(agentId) }),
  }));
  return { type: 'RECONCILE', reconcile: { tasks: asked } };
}

/** Delivered at most once. */
export function message(agentId: string, executorId: string, data: Uint8Array): Call {
  return { type: 'MESSAGE', message: { agentId: id(agentId), executorId: id(executorId), data } };
}

/** Asks an executor to end, with all its tasks. */
export function shutdown(agentId: string, executorId: string): Call {
  return { type: 'SHUTDOWN', shutdown: { agentId: id(agentId), executorId: id(executorId) } };
}

/** Ends the framework for good: tasks are killed without updates, the id is refused from then on. */
export function teardown(): Call {
  return { type: 'TEARDOWN' };
}

function id(value: string): { value: string } {
  return { value };
}

function filters(refuseSeconds: number | undefined): { filters?: { refuseSeconds: number } } {
  return refuseSeconds === undefined ? {} : { filters: { refuseSeconds } };
}
