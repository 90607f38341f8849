import type { Attribute } from './resources/parse.ts';
import type { Labels, Resource } from './resources/types.ts';

/** The v1 messages the stand-in handles, in their JSON form; only the members it looks at are spelt out. */
export interface Id {
  value: string;
}

export interface Capability {
  type?: string;
}

export interface FrameworkInfo {
  user: string;
  name: string;
  id?: Id;
  failover_timeout?: number;
  checkpoint?: boolean;
  role?: string;
  roles?: string[];
  hostname?: string;
  principal?: string;
  webui_url?: string;
  capabilities?: Capability[];
  labels?: Labels;
  offer_filters?: Record<string, OfferFilters>;
}

export interface OfferFilters {
  min_allocatable_resources?: { quantities?: { quantities?: Record<string, { value: number }> }[] };
}

export interface AgentInfo {
  hostname: string;
  port: number;
  resources: Resource[];
  attributes?: Attribute[];
  id?: Id;
}

export interface UriInfo {
  value: string;
  executable?: boolean;
  extract?: boolean;
  cache?: boolean;
  output_file?: string;
}

export interface CommandInfo {
  uris?: UriInfo[];
  environment?: { variables?: { name: string; type?: string; value?: string }[] };
  shell?: boolean;
  value?: string;
  arguments?: string[];
  user?: string;
}

export interface ExecutorInfo {
  type?: string;
  executor_id: Id;
  framework_id?: Id;
  command?: CommandInfo;
  resources?: Resource[];
  name?: string;
  source?: string;
  data?: string;
  shutdown_grace_period?: { nanoseconds: number };
  labels?: Labels;
}

export interface TaskInfo {
  name: string;
  task_id: Id;
  agent_id: Id;
  resources?: Resource[];
  executor?: ExecutorInfo;
  command?: CommandInfo;
  kill_policy?: unknown;
  data?: string;
  labels?: Labels;
  discovery?: unknown;
}

export interface TaskStatus {
  task_id: Id;
  state: string;
  message?: string;
  source?: string;
  reason?: string;
  data?: string;
  agent_id?: Id;
  executor_id?: Id;
  timestamp?: number;
  /** 16 bytes in base64. */
  uuid?: string;
  healthy?: boolean;
  labels?: Labels;
  container_status?: unknown;
  unreachable_time?: { nanoseconds: number };
}

/** What the master keeps of a task. */
export interface Task {
  name: string;
  task_id: Id;
  framework_id: Id;
  executor_id?: Id;
  agent_id: Id;
  /** The newest state the agent reported, also while older updates are still being delivered. */
  state: string;
  resources: Resource[];
  statuses: TaskStatus[];
  status_update_state?: string;
  status_update_uuid?: string;
  labels?: Labels;
  discovery?: unknown;
}

export interface Operation {
  type?: string;
  id?: Id;
  reserve?: { resources?: Resource[]; source?: Resource[] };
  unreserve?: { resources?: Resource[] };
  create?: { volumes?: Resource[] };
  destroy?: { volumes?: Resource[] };
  grow_volume?: { volume: Resource; addition: Resource };
  shrink_volume?: { volume: Resource; subtract: { value: number } };
  launch?: { task_infos?: TaskInfo[] };
  launch_group?: { executor: ExecutorInfo; task_group?: { tasks?: TaskInfo[] } };
}

export interface OperationStatus {
  operation_id?: Id;
  state: string;
  message?: string;
  /** Base64 here; `{value}` in the event. */
  uuid?: Id;
  agent_id?: Id;
}

const TERMINAL = new Set([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
]);

export const isTerminal = (state: string): boolean => TERMINAL.has(state);

export const hasCapability = (info: FrameworkInfo, capability: string): boolean =>
  (info.capabilities ?? []).some(({ type }) => type === capability);

/** The roles of a framework, whichever of the two ways it names them. */
export function rolesOf(info: FrameworkInfo): string[] {
  return hasCapability(info, 'MULTI_ROLE') ? (info.roles ?? []) : [info.role ?? '*'];
}

/** Seconds with microseconds, as Mesos stamps its own statuses. */
export const timestampNow = (): number =>
  Math.round((performance.timeOrigin + performance.now()) * 1000) / 1e6;

export const nanosecondsNow = (): number =>
  Math.round((performance.timeOrigin + performance.now()) * 1e3) * 1e3;
