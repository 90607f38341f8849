import type { ReportedExecutor } from '../link-protocol.ts';
import type { FrameworkInfo, Task } from '../messages.ts';
import type { AgentContext } from './context.ts';
import type { AgentExecutor, AgentTask } from './model.ts';

/** The master's view of a task, built from the agent's. */
export function asTask(executor: AgentExecutor, task: AgentTask, agentId: string): Task {
  return {
    name: task.info.name,
    task_id: task.info.task_id,
    framework_id: { value: executor.frameworkId },
    executor_id: { value: executor.id },
    agent_id: { value: agentId },
    state: task.state,
    resources: task.info.resources ?? [],
    statuses: task.statuses,
    ...(task.info.labels && { labels: task.info.labels }),
    ...(task.info.discovery !== undefined && { discovery: task.info.discovery }),
  };
}

function tasksOf(executor: AgentExecutor, agentId: string): Task[] {
  const queued = [...executor.queued.values()].map((info) => ({ info, state: 'TASK_STAGING', statuses: [] }));
  return [...queued, ...executor.launched.values(), ...executor.terminated.values()].map((task) =>
    asTask(executor, task, agentId),
  );
}

/** Everything a returning agent tells its master: frameworks, executors that live, tasks not yet settled. */
export function reportedState(agent: AgentContext): {
  frameworks: FrameworkInfo[];
  executors: ReportedExecutor[];
  tasks: Task[];
} {
  const frameworks = [...agent.frameworks.values()];
  const executors = frameworks.flatMap((framework) => [...framework.executors.values()]);
  return {
    frameworks: frameworks.map(({ info }) => info),
    executors: executors
      .filter((executor) => executor.state !== 'TERMINATED')
      .map((executor) => ({ framework_id: executor.frameworkId, info: executor.info })),
    tasks: executors.flatMap((executor) => tasksOf(executor, agent.agentId)),
  };
}
