import { isDeepStrictEqual } from 'node:util';
import type { ExecutorInfo, TaskInfo } from '../messages.ts';
import { printResources } from '../resources/print.ts';
import { addResources, containsResources } from '../resources/resource-list.ts';
import type { Resource } from '../resources/types.ts';
import { printExecutorInfo } from './print-executor.ts';
import { executorsOf, type Agent, type Framework } from './model.ts';
import { idProblem } from './validate-framework.ts';
import {
  duplicateVolumeProblem,
  resourcesProblem,
  singleRoleProblem,
  type Problem,
} from './validate-resources.ts';

const prefixed = (prefix: string, problem: Problem): Problem =>
  problem === undefined ? undefined : `${prefix}: ${problem}`;

function idsProblem(task: TaskInfo, framework: Framework, agent: Agent): Problem {
  const taskId = task.task_id.value;
  const problem = idProblem(taskId);
  if (problem !== undefined) return problem;
  if (framework.tasks.has(taskId)) return `Task has duplicate ID: ${taskId}`;
  if (framework.unreachableTasks.has(taskId)) return `Task reuses the ID of an unreachable task: ${taskId}`;
  if (task.agent_id.value !== agent.id)
    return `Task uses invalid agent ${task.agent_id.value} while agent ${agent.id} is expected`;
  return undefined;
}

function taskResourcesProblem(resources: Resource[]): Problem {
  if (resources.length === 0) return 'Task uses no resources';
  return (
    prefixed('Task uses invalid resources', resourcesProblem(resources)) ??
    prefixed('Task uses duplicate persistence ID', duplicateVolumeProblem(resources)) ??
    prefixed('Invalid task resources', singleRoleProblem(resources))
  );
}

const LINE = '------------------------------------------------------------';

function compatibleProblem(executor: ExecutorInfo, known: ExecutorInfo | undefined): Problem {
  if (!known || isDeepStrictEqual(known, executor)) return undefined;
  return (
    'ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID.\n' +
    `${LINE}\nExisting ExecutorInfo:\n${printExecutorInfo(known)}\n` +
    `${LINE}\nExecutorInfo:\n${printExecutorInfo(executor)}\n${LINE}\n`
  );
}

function executorProblem(executor: ExecutorInfo, framework: Framework, agent: Agent): Problem {
  const id = idProblem(executor.executor_id.value);
  if (id !== undefined) return id;
  if (executor.framework_id === undefined) return "'ExecutorInfo.framework_id' must be set";
  if (executor.framework_id.value !== framework.id)
    return `ExecutorInfo has an invalid FrameworkID (Actual: ${executor.framework_id.value} vs Expected: ${framework.id})`;
  if ((executor.shutdown_grace_period?.nanoseconds ?? 0) < 0)
    return "ExecutorInfo's 'shutdown_grace_period' must be non-negative";
  const resources = executor.resources ?? [];
  return (
    prefixed('Executor uses invalid resources', resourcesProblem(resources)) ??
    prefixed('Executor uses duplicate persistence ID', duplicateVolumeProblem(resources)) ??
    (resources.length > 0
      ? prefixed('Invalid executor resources', singleRoleProblem(resources))
      : undefined) ??
    compatibleProblem(executor, executorsOf(agent, framework.id).get(executor.executor_id.value))
  );
}

function ownExecutorProblem(task: TaskInfo, framework: Framework, agent: Agent): Problem {
  if (Boolean(task.executor) === Boolean(task.command))
    return 'Task should have at least one (but not both) of CommandInfo or ExecutorInfo present';
  const executor = task.executor;
  if (!executor) return undefined;
  const problem = executorProblem(executor, framework, agent);
  if (problem !== undefined) return problem;
  if (executor.type !== undefined && executor.type !== 'CUSTOM')
    return "'ExecutorInfo.type' must be 'CUSTOM'";
  return executor.command ? undefined : "'ExecutorInfo.command' must be set";
}

/** The executor a task starts, or `undefined` when it already runs there. */
export const newExecutor = (task: TaskInfo, framework: Framework, agent: Agent): ExecutorInfo | undefined =>
  task.executor && !executorsOf(agent, framework.id).has(task.executor.executor_id.value)
    ? task.executor
    : undefined;

/** What a launch takes from the offers: the task, and its executor unless that runs already. */
export const requiredBy = (task: TaskInfo, framework: Framework, agent: Agent): Resource[] =>
  addResources(task.resources ?? [], newExecutor(task, framework, agent)?.resources ?? []);

/** Why a task cannot be launched on what is left of the offers. */
export function taskProblem(
  task: TaskInfo,
  framework: Framework,
  agent: Agent,
  offered: Resource[],
): Problem {
  const problem =
    idsProblem(task, framework, agent) ??
    taskResourcesProblem(task.resources ?? []) ??
    ownExecutorProblem(task, framework, agent);
  if (problem !== undefined) return problem;
  const both = duplicateVolumeProblem([...(task.resources ?? []), ...(task.executor?.resources ?? [])]);
  if (both !== undefined) return `Task and its executor use duplicate persistence ID: ${both}`;
  const total = requiredBy(task, framework, agent);
  if (!containsResources(offered, total))
    return `Total resources ${printResources(total)} required by task and its executor is more than available ${printResources(offered)}`;
  return undefined;
}

/** The same for a group: every task, and all of them with their executor together. */
export function taskGroupProblem(
  tasks: TaskInfo[],
  executor: ExecutorInfo,
  framework: Framework,
  agent: Agent,
  offered: Resource[],
): Problem {
  for (const task of tasks) {
    const problem = idsProblem(task, framework, agent) ?? taskResourcesProblem(task.resources ?? []);
    if (problem !== undefined) return `Task '${task.task_id.value}' is invalid: ${problem}`;
    if (!task.executor) return `Task '${task.task_id.value}' is invalid: 'TaskInfo.executor' must be set`;
  }
  if (executor.type === undefined) return "'ExecutorInfo.type' must be set";
  const problem = executorProblem(executor, framework, agent);
  if (problem !== undefined) return problem;
  const running = executorsOf(agent, framework.id).has(executor.executor_id.value);
  const total = addResources(
    ...tasks.map((task) => task.resources ?? []),
    running ? [] : (executor.resources ?? []),
  );
  return containsResources(offered, total)
    ? undefined
    : `Total resources ${printResources(total)} required by task group and its executor are more than available ${printResources(offered)}`;
}
