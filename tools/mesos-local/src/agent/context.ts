import type { AgentInfo, TaskStatus } from '../messages.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Resource } from '../resources/types.ts';
import type { AgentConfig } from './config.ts';
import type { Containerizer } from './containerizer.ts';
import type { AgentFramework } from './model.ts';
import type { AgentPaths } from './paths.ts';
import type { StatusUpdates } from './status-updates.ts';

/** What executors and API of an agent share. */
export interface AgentContext {
  readonly config: AgentConfig;
  readonly paths: AgentPaths;
  readonly checkpoint: Checkpoint;
  readonly containerizer: Containerizer;
  readonly updates: StatusUpdates;
  readonly frameworks: Map<string, AgentFramework>;
  readonly master: MasterReports;
  readonly info: AgentInfo;
  readonly agentId: string;
  /** Whether it has all of these that are reserved at run time or volumes. */
  holds(resources: Resource[]): boolean;
  /** Everything about a container's end is settled. */
  containerEnded(containerId: string): void;
  frameworkRemoved(): void;
}

/** What an agent tells its master; dropped while it is not registered. */
export interface MasterReports {
  executorExited(frameworkId: string, executorId: string, status: number): void;
  executorMessage(frameworkId: string, executorId: string, data: string): void;
  statusUpdate(frameworkId: string, status: TaskStatus, latestState: string): void;
}
