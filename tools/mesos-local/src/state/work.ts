import type { CommandInfo, ExecutorInfo, Task, TaskStatus } from '../messages.ts';
import { allocatedRole, sums } from './resource-sums.ts';

/** Tasks and executors in the form `/state` has for both masters and agents. */

interface ContainerStatus {
  executor_pid?: number;
}

function statusState({ state, timestamp, healthy, container_status: container }: TaskStatus): object {
  const { executor_pid: _pid, ...shown } = (container ?? {}) as ContainerStatus;
  return {
    state,
    timestamp,
    ...(healthy !== undefined && { healthy }),
    ...(container !== undefined && { container_status: shown }),
  };
}

/** `user`: the one its command, or else its framework, names. */
export const taskState = (task: Task, user: string): object => ({
  id: task.task_id.value,
  name: task.name,
  framework_id: task.framework_id.value,
  executor_id: task.executor_id?.value ?? '',
  slave_id: task.agent_id.value,
  state: task.state,
  resources: sums(task.resources),
  role: allocatedRole(task.resources),
  statuses: task.statuses.map(statusState),
  user,
  ...(task.labels && { labels: task.labels.labels }),
});

/** Commands are shown with their environment, which anybody can read here. */
const commandState = ({ value, arguments: argv, environment, uris }: CommandInfo): object => ({
  ...(value !== undefined && { value }),
  argv: argv ?? [],
  ...(environment && { environment }),
  uris: (uris ?? []).map(({ value: uri, executable, extract }) => ({
    value: uri,
    executable: executable ?? false,
    ...(extract !== undefined && { extract }),
  })),
});

export const executorState = (info: ExecutorInfo, frameworkId: string): object => ({
  executor_id: info.executor_id.value,
  name: info.name ?? '',
  framework_id: frameworkId,
  command: commandState(info.command ?? {}),
  resources: sums(info.resources ?? []),
  role: allocatedRole(info.resources ?? []),
  ...(info.type !== undefined && { type: info.type }),
  ...(info.source !== undefined && { source: info.source }),
  ...(info.labels && { labels: info.labels.labels }),
});
