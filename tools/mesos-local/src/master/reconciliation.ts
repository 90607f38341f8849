import { timestampNow, type Task, type TaskStatus } from '../messages.ts';
import type { Master } from './master.ts';
import { partitionState, type Framework } from './model.ts';

export interface TaskQuestion {
  task_id: { value: string };
  agent_id?: { value: string };
}

/** Answers RECONCILE, and KILL of a task nobody knows. Silence is an answer: "wait". */
export class Reconciliation {
  readonly #master: Master;

  constructor(master: Master) {
    this.#master = master;
  }

  /** With no questions: all known tasks. Tasks on unreachable agents are not among them. */
  reconcile(framework: Framework, questions: TaskQuestion[]): void {
    if (questions.length > 0) return this.answer(framework, questions);
    for (const task of framework.tasks.values()) this.#tell(framework, latest(task));
  }

  answer(framework: Framework, questions: TaskQuestion[]): void {
    for (const question of questions) {
      const status = this.#statusOf(framework, question);
      if (status) this.#tell(framework, status);
    }
  }

  #tell(framework: Framework, status: TaskStatus): void {
    framework.stream?.send({ type: 'UPDATE', update: { status } });
  }

  #statusOf(
    framework: Framework,
    { task_id: taskId, agent_id: agentId }: TaskQuestion,
  ): TaskStatus | undefined {
    const { agents, recovered, registry } = this.#master;
    const task = framework.tasks.get(taskId.value);
    if (task) return latest(task);
    const about = (state: string, message: string): TaskStatus => ({
      task_id: taskId,
      state: partitionState(framework, state),
      message,
      source: 'SOURCE_MASTER',
      reason: 'REASON_RECONCILIATION',
      ...(agentId && { agent_id: agentId }),
      timestamp: timestampNow(),
    });
    // An agent that is still on its way back may bring the task.
    if (agentId ? recovered.has(agentId.value) : recovered.size > 0) return undefined;
    if (agentId && agents.has(agentId.value))
      return about('TASK_GONE', 'Reconciliation: Task is unknown to the agent');
    const since = agentId && registry.unreachableSince(agentId.value);
    if (since !== undefined)
      return {
        ...about('TASK_UNREACHABLE', 'Reconciliation: Task is unreachable'),
        unreachable_time: { nanoseconds: since },
      };
    if (agentId && registry.isGone(agentId.value))
      return about('TASK_GONE_BY_OPERATOR', 'Reconciliation: Task is gone');
    return about('TASK_UNKNOWN', 'Reconciliation: Task is unknown');
  }
}

/** The last update that was delivered, not the newest the agent has. */
function latest(task: Task): TaskStatus {
  const last = task.statuses.at(-1);
  return {
    task_id: task.task_id,
    state: task.status_update_state ?? task.state,
    message: 'Reconciliation: Latest task state',
    source: 'SOURCE_MASTER',
    reason: 'REASON_RECONCILIATION',
    agent_id: task.agent_id,
    ...(task.executor_id && { executor_id: task.executor_id }),
    timestamp: timestampNow(),
    ...(last?.healthy !== undefined && { healthy: last.healthy }),
    ...(last?.container_status !== undefined && { container_status: last.container_status }),
  };
}

/** A status the master makes for a task because of its agent. */
export function masterStatus(
  task: Task,
  state: string,
  reason: string,
  message: string,
  at?: number,
): TaskStatus {
  return {
    task_id: task.task_id,
    state,
    message,
    source: 'SOURCE_MASTER',
    reason,
    agent_id: task.agent_id,
    ...(task.executor_id && { executor_id: task.executor_id }),
    timestamp: timestampNow(),
    ...(at !== undefined && { unreachable_time: { nanoseconds: at } }),
  };
}
