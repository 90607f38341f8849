import type { EventStream } from '../http/event-stream.ts';
import type { ExecutorInfo, FrameworkInfo, TaskInfo, TaskStatus } from '../messages.ts';
import { addResources } from '../resources/resource-list.ts';
import type { Resource } from '../resources/types.ts';

/** A task as its agent sees it. */
export interface AgentTask {
  info: TaskInfo;
  /** Newest known state. */
  state: string;
  statuses: TaskStatus[];
}

/** Why the agent itself ends an executor; becomes the status of its tasks. */
export interface PendingTermination {
  state: string;
  reason: string;
  message: string;
}

export type ExecutorState = 'REGISTERING' | 'RUNNING' | 'TERMINATING' | 'TERMINATED';

export interface AgentExecutor {
  id: string;
  frameworkId: string;
  info: ExecutorInfo;
  containerId: string;
  sandbox: string;
  state: ExecutorState;
  /** Not yet delivered to the executor. */
  queued: Map<string, TaskInfo>;
  /** Queued tasks that have to be delivered together. */
  queuedGroups: TaskInfo[][];
  launched: Map<string, AgentTask>;
  /** Ended, but the scheduler has not acknowledged that yet. */
  terminated: Map<string, AgentTask>;
  pid?: number;
  stream?: EventStream;
  pendingTermination?: PendingTermination;
  registrationTimer?: NodeJS.Timeout;
  shutdownTimer?: NodeJS.Timeout;
  /** Stops a fetch that is still running. */
  abort: AbortController;
}

export interface AgentFramework {
  id: string;
  info: FrameworkInfo;
  /** Shut down by the master: what its executors still say is of no interest. */
  ending: boolean;
  executors: Map<string, AgentExecutor>;
}

/** Looks a live task of an executor up, whatever its stage. */
export const taskOf = (executor: AgentExecutor, taskId: string): AgentTask | undefined =>
  executor.launched.get(taskId) ?? executor.terminated.get(taskId);

/** Nothing of the executor is left to report: process ended and every task's end acknowledged. */
export const isComplete = (executor: AgentExecutor): boolean =>
  executor.state === 'TERMINATED' &&
  executor.launched.size === 0 &&
  executor.terminated.size === 0 &&
  executor.queued.size === 0;

/** What an executor and its unfinished tasks hold. */
export const resourcesInUse = (executor: AgentExecutor): Resource[] =>
  addResources(
    executor.info.resources ?? [],
    ...[...executor.launched.values()].map(({ info }) => info.resources ?? []),
    ...[...executor.queued.values()].map(({ resources }) => resources ?? []),
  );
