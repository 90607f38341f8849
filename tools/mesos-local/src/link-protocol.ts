import type {
  AgentInfo,
  ExecutorInfo,
  FrameworkInfo,
  Operation,
  Task,
  TaskInfo,
  TaskStatus,
} from './messages.ts';
import type { Resource } from './resources/types.ts';

/**
 * What master and agents of the stand-in say to each other: JSON lines over one upgraded HTTP connection
 * that the agent opens. Private: only its consequences have to look like Mesos.
 */
export const LINK_PATH = '/cotton-local/agent-link';
export const LINK_UPGRADE = 'cotton-local';

/** An executor as an agent reports it when it comes back. */
export interface ReportedExecutor {
  framework_id: string;
  info: ExecutorInfo;
}

export interface PendingOperation {
  uuid: string;
  framework_id?: string;
  operation_id?: string;
  state: string;
  message?: string;
}

export type AgentMessage =
  | { type: 'register'; info: AgentInfo; checkpointed: Resource[] }
  | {
      type: 'reregister';
      info: AgentInfo & { id: { value: string } };
      checkpointed: Resource[];
      frameworks: FrameworkInfo[];
      executors: ReportedExecutor[];
      tasks: Task[];
      operations: PendingOperation[];
    }
  /** The agent process is back and answers pings; it registers when its executors had their time. */
  | { type: 'recovering'; agent_id: string }
  | { type: 'unregister' }
  | { type: 'pong' }
  | { type: 'status_update'; framework_id: string; status: TaskStatus; latest_state: string }
  | { type: 'executor_message'; framework_id: string; executor_id: string; data: string }
  | { type: 'executor_exited'; framework_id: string; executor_id: string; status: number }
  | { type: 'operation_status'; operation: PendingOperation };

export type MasterMessage =
  | { type: 'registered'; agent_id: string; ping_timeout_ms: number }
  | { type: 'reregistered'; agent_id: string; ping_timeout_ms: number; unknown_tasks: UnknownTask[] }
  | { type: 'ping'; connected: boolean }
  | { type: 'shutdown'; message: string }
  | { type: 'update_framework'; framework: FrameworkInfo }
  /** Without an executor the task has a command, and the agent runs it. */
  | { type: 'run_task'; framework: FrameworkInfo; task: TaskInfo; executor?: ExecutorInfo }
  | { type: 'run_task_group'; framework: FrameworkInfo; tasks: TaskInfo[]; executor: ExecutorInfo }
  | { type: 'kill_task'; framework_id: string; task_id: string; kill_policy?: unknown }
  | { type: 'shutdown_executor'; framework_id: string; executor_id: string }
  | { type: 'shutdown_framework'; framework_id: string }
  | { type: 'framework_message'; framework_id: string; executor_id: string; data: string }
  | { type: 'acknowledge_status'; framework_id: string; task_id: string; uuid: string }
  | { type: 'apply_operation'; uuid: string; framework_id?: string; operation: Operation }
  | { type: 'acknowledge_operation'; uuid: string };

/** A task the master has and the returning agent does not. */
export interface UnknownTask {
  framework_id: string;
  task_id: string;
}
