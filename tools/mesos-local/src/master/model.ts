import type { EventStream } from '../http/event-stream.ts';
import type { MasterMessage } from '../link-protocol.ts';
import type { AgentInfo, ExecutorInfo, FrameworkInfo, Operation, Task } from '../messages.ts';
import { hasCapability, rolesOf } from '../messages.ts';
import type { Resource } from '../resources/types.ts';

export interface Offer {
  id: string;
  frameworkId: string;
  agentId: string;
  role: string;
  resources: Resource[];
  timer?: NodeJS.Timeout;
}

/** An operation whose result the framework wants to hear of and has not acknowledged yet. */
export interface PendingOperation {
  uuid: string;
  frameworkId?: string;
  agentId: string;
  operation: Operation;
  state: string;
  message?: string;
  retryTimer?: NodeJS.Timeout;
}

export interface Framework {
  id: string;
  info: FrameworkInfo;
  /** Known only from agents that came back; no scheduler since this master leads. */
  recovered: boolean;
  stream?: EventStream;
  streamId?: string;
  heartbeat?: NodeJS.Timeout;
  failoverTimer?: NodeJS.Timeout;
  tasks: Map<string, Task>;
  unreachableTasks: Map<string, Task>;
  completedTasks: Task[];
  offers: Set<Offer>;
  suppressed: Set<string>;
  registeredAt: number;
  reregisteredAt?: number;
  unregisteredAt?: number;
}

export interface Agent {
  id: string;
  info: AgentInfo & { id: { value: string } };
  /** `ip:port` of the agent process. */
  address: string;
  send: ((message: MasterMessage) => void) | undefined;
  /** Reaches an agent process that is back and not registered yet: for pings only. */
  ping?: ((message: MasterMessage) => void) | undefined;
  /** `false` between the loss of its connection and its return or removal. */
  connected: boolean;
  /** An operator took it out of the allocation. */
  deactivated: boolean;
  total: Resource[];
  /** Executors by framework and executor id. */
  executors: Map<string, Map<string, ExecutorInfo>>;
  tasks: Map<string, Task>;
  offers: Set<Offer>;
  operations: Map<string, PendingOperation>;
  /** Messages that wait for its return. */
  killsWhileAway: { frameworkId: string; taskId: string }[];
  pingTimer?: NodeJS.Timeout;
  missedPings: number;
  registeredAt: number;
  reregisteredAt?: number;
}

export const taskKey = (frameworkId: string, taskId: string): string => `${frameworkId}\n${taskId}`;

export const isPartitionAware = (framework: Framework | undefined): boolean =>
  framework !== undefined && hasCapability(framework.info, 'PARTITION_AWARE');

/** A state that a framework without PARTITION_AWARE sees as TASK_LOST. */
export const partitionState = (framework: Framework | undefined, state: string): string =>
  isPartitionAware(framework) ? state : 'TASK_LOST';

export const frameworkRoles = (framework: Framework): string[] => rolesOf(framework.info);

export function executorsOf(agent: Agent, frameworkId: string): Map<string, ExecutorInfo> {
  const known = agent.executors.get(frameworkId);
  if (known) return known;
  const fresh = new Map<string, ExecutorInfo>();
  agent.executors.set(frameworkId, fresh);
  return fresh;
}
