import type { FrameworkInfo } from '../messages.ts';
import { isUuidBytes } from '../uuid.ts';
import type { AcceptCall } from './acceptance.ts';
import type { TaskQuestion } from './reconciliation.ts';
import type { SubscribeCall } from './subscriptions.ts';
import type { FrameworkExtras } from './validate-framework.ts';

interface Value {
  value: string;
}

/** A call of the scheduler API in its JSON form. */
export interface SchedulerCall {
  type?: string;
  framework_id?: Value;
  subscribe?: SubscribeCall;
  accept?: AcceptCall;
  decline?: { offer_ids?: Value[]; filters?: { refuse_seconds?: number } };
  accept_inverse_offers?: unknown;
  decline_inverse_offers?: unknown;
  revive?: { roles?: string[] };
  suppress?: { roles?: string[] };
  kill?: { task_id: Value; agent_id?: Value; kill_policy?: unknown };
  shutdown?: { executor_id: Value; agent_id: Value };
  acknowledge?: { agent_id: Value; task_id: Value; uuid: string };
  acknowledge_operation_status?: { agent_id?: Value; uuid: string; operation_id: Value };
  reconcile?: { tasks?: TaskQuestion[] };
  reconcile_operations?: { operations?: { operation_id: Value; agent_id?: Value }[] };
  message?: { agent_id: Value; executor_id: Value; data: string };
  request?: unknown;
  update_framework?: FrameworkExtras & { framework_info: FrameworkInfo };
}

/** Calls that cannot do without their member. */
const MEMBER: Record<string, keyof SchedulerCall> = {
  SUBSCRIBE: 'subscribe',
  ACCEPT: 'accept',
  DECLINE: 'decline',
  ACCEPT_INVERSE_OFFERS: 'accept_inverse_offers',
  DECLINE_INVERSE_OFFERS: 'decline_inverse_offers',
  KILL: 'kill',
  SHUTDOWN: 'shutdown',
  ACKNOWLEDGE: 'acknowledge',
  ACKNOWLEDGE_OPERATION_STATUS: 'acknowledge_operation_status',
  RECONCILE: 'reconcile',
  RECONCILE_OPERATIONS: 'reconcile_operations',
  MESSAGE: 'message',
  REQUEST: 'request',
  UPDATE_FRAMEWORK: 'update_framework',
};

/** What is wrong with a call, in the master's words; `undefined` when nothing is. */
export function schedulerCallProblem(call: SchedulerCall, principal: string | undefined): string | undefined {
  if (call.type === undefined || call.type === 'UNKNOWN') return "Expecting 'type' to be present";
  const member = MEMBER[call.type];
  if (call.type === 'SUBSCRIBE') return subscribeProblem(call, principal);
  if (call.framework_id === undefined) return "Expecting 'framework_id' to be present";
  if (member && call[member] === undefined) return `Expecting '${member}' to be present`;
  const uuid = call.acknowledge?.uuid ?? call.acknowledge_operation_status?.uuid;
  if (uuid !== undefined && !isUuidBytes(uuid)) return 'Not a valid UUID';
  if (call.update_framework && call.update_framework.framework_info.id?.value !== call.framework_id.value)
    return "'framework_id' differs from 'update_framework.framework_info.id'";
  return undefined;
}

function subscribeProblem(call: SchedulerCall, principal: string | undefined): string | undefined {
  if (call.subscribe === undefined) return "Expecting 'subscribe' to be present";
  const info = call.subscribe.framework_info;
  if (info.id?.value !== call.framework_id?.value)
    return "'framework_id' differs from 'subscribe.framework_info.id'";
  if (principal !== undefined && info.principal !== undefined && info.principal !== principal)
    return `Authenticated principal '${principal}' does not match principal '${info.principal}' set in \`FrameworkInfo\``;
  return undefined;
}
