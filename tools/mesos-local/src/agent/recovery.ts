import type { KeeperClient } from '../keeper/keeper-client.ts';
import { isTerminal } from '../messages.ts';
import type { SavedExecutor, SavedFramework, SavedTask } from './checkpoint.ts';
import type { AgentContext } from './context.ts';
import type { Executors } from './executors.ts';
import type { AgentExecutor, AgentFramework, AgentTask } from './model.ts';

/** Puts executors, tasks and undelivered updates back as they were; ends what did not survive. */
export function recoverExecutors(
  agent: AgentContext,
  executors: Executors,
  keeper: KeeperClient,
  saved: SavedFramework[],
  rebooted: boolean,
): void {
  for (const { info, executors: savedExecutors } of saved) {
    const framework: AgentFramework = { id: info.id!.value, info, ending: false, executors: new Map() };
    agent.frameworks.set(framework.id, framework);
    // All of them first: the end of its last executor ends a framework, with all that is saved of it.
    for (const executor of savedExecutors.map((one) => restore(agent, framework, one))) {
      const pid = keeper.running.get(executor.containerId);
      const alive = pid !== undefined && !rebooted;
      if (alive) executor.pid = pid;
      else {
        if (pid !== undefined) keeper.kill(executor.containerId);
        executors.ended(executor, keeper.exited.get(executor.containerId) ?? -1);
      }
    }
    if (framework.executors.size === 0) agent.frameworks.delete(framework.id);
  }
}

function restore(agent: AgentContext, framework: AgentFramework, saved: SavedExecutor): AgentExecutor {
  const id = saved.info.executor_id.value;
  const executor: AgentExecutor = {
    id,
    frameworkId: framework.id,
    info: saved.info,
    containerId: saved.containerId,
    sandbox: agent.paths.sandbox(agent.agentId, framework.id, id, saved.containerId),
    state: 'REGISTERING',
    queued: new Map(),
    queuedGroups: [],
    launched: new Map(),
    terminated: new Map(),
    abort: new AbortController(),
  };
  framework.executors.set(id, executor);
  for (const task of saved.tasks) restoreTask(agent, executor, task);
  return executor;
}

function restoreTask(agent: AgentContext, executor: AgentExecutor, saved: SavedTask): void {
  const taskId = saved.info.task_id.value;
  const last = saved.updates.at(-1);
  const pending = saved.updates.filter((status) => !saved.acknowledged.has(status.uuid!));
  const ended = last !== undefined && isTerminal(last.state);
  if (saved.updates.length > 0 && (pending.length > 0 || !ended)) {
    const received = saved.updates.map((status) => status.uuid!);
    agent.updates.restore(
      executor.frameworkId,
      taskId,
      received,
      pending,
      agent.checkpoint.journal(executor, taskId),
    );
  }
  const task: AgentTask = { info: saved.info, state: last?.state ?? 'TASK_STAGING', statuses: saved.updates };
  if (!ended) executor.launched.set(taskId, task);
  else if (pending.length > 0) executor.terminated.set(taskId, task);
}
