import { isTerminal, type Id, type Task, type TaskInfo, type TaskStatus } from '../messages.ts';
import type { Master } from './master.ts';
import { executorsOf, taskKey, type Agent, type Framework } from './model.ts';

const REMEMBERED_TASKS = 1000;

/** The master's books of tasks: what agents report, what schedulers acknowledge and ask for. */
export class TaskUpdates {
  readonly #master: Master;

  constructor(master: Master) {
    this.#master = master;
  }

  add(framework: Framework, agent: Agent, info: TaskInfo, executorId: Id | undefined): void {
    const task: Task = {
      name: info.name,
      task_id: info.task_id,
      framework_id: { value: framework.id },
      ...(executorId && { executor_id: executorId }),
      agent_id: { value: agent.id },
      state: 'TASK_STAGING',
      resources: info.resources ?? [],
      statuses: [],
      ...(info.labels && { labels: info.labels }),
      ...(info.discovery !== undefined && { discovery: info.discovery }),
    };
    this.track(framework, agent, task);
  }

  track(framework: Framework, agent: Agent, task: Task): void {
    framework.tasks.set(task.task_id.value, task);
    agent.tasks.set(taskKey(framework.id, task.task_id.value), task);
  }

  /** An agent's update: into the books, then to the scheduler. */
  received(agent: Agent, frameworkId: string, status: TaskStatus, latestState: string): void {
    const framework = this.#master.frameworks.get(frameworkId);
    if (!framework) {
      // Nobody will ever acknowledge it.
      if (this.#master.removedFrameworks.has(frameworkId))
        this.#acknowledgeToAgent(agent, frameworkId, status);
      return;
    }
    const task = framework.tasks.get(status.task_id.value);
    if (task) this.#record(agent, framework, task, status, latestState);
    this.#deliver(framework, status);
    if (this.#master.faults.takeDuplicatedUpdate()) this.#deliver(framework, status);
  }

  #deliver(framework: Framework, status: TaskStatus): void {
    framework.stream?.send({ type: 'UPDATE', update: { status } });
  }

  /** The newest state frees resources even while an older update is the one being delivered. */
  #record(agent: Agent, framework: Framework, task: Task, status: TaskStatus, latestState: string): void {
    const wasTerminal = isTerminal(task.state);
    task.statuses = [...task.statuses.filter((other) => other.uuid !== status.uuid), withoutData(status)];
    task.status_update_state = status.state;
    if (status.uuid !== undefined) task.status_update_uuid = status.uuid;
    if (!wasTerminal) task.state = latestState;
    if (!wasTerminal && isTerminal(latestState))
      this.#master.allocator.recover(framework.id, agent.id, task.resources);
  }

  #acknowledgeToAgent(agent: Agent, frameworkId: string, status: TaskStatus): void {
    if (status.uuid === undefined) return;
    agent.send?.({
      type: 'acknowledge_status',
      framework_id: frameworkId,
      task_id: status.task_id.value,
      uuid: status.uuid,
    });
  }

  acknowledge(framework: Framework, agentId: string, taskId: string, uuid: string): void {
    const agent = this.#master.agents.get(agentId);
    if (!agent?.connected) return;
    const task = framework.tasks.get(taskId);
    // Only what the agent counts on is passed on; a wrong uuid stops at the agent.
    const settled =
      task &&
      task.agent_id.value === agentId &&
      task.status_update_uuid === uuid &&
      isTerminal(task.status_update_state ?? '');
    if (settled) this.forget(framework, agent, task);
    agent.send?.({ type: 'acknowledge_status', framework_id: framework.id, task_id: taskId, uuid });
  }

  /** A task is over for everybody. */
  forget(framework: Framework, agent: Agent | undefined, task: Task): void {
    const taskId = task.task_id.value;
    framework.tasks.delete(taskId);
    agent?.tasks.delete(taskKey(framework.id, taskId));
    framework.completedTasks.push(task);
    if (framework.completedTasks.length > REMEMBERED_TASKS) framework.completedTasks.shift();
  }

  kill(framework: Framework, taskId: string, agentId: string | undefined, killPolicy: unknown): void {
    const task = framework.tasks.get(taskId);
    if (!task)
      return this.#master.reconciliation.answer(framework, [
        { task_id: { value: taskId }, ...(agentId !== undefined && { agent_id: { value: agentId } }) },
      ]);
    if (agentId !== undefined && agentId !== task.agent_id.value) return; // Dropped without a word.
    const agent = this.#master.agents.get(task.agent_id.value);
    if (!agent) return;
    if (!agent.connected) {
      agent.killsWhileAway.push({ frameworkId: framework.id, taskId });
      return;
    }
    agent.send?.({
      type: 'kill_task',
      framework_id: framework.id,
      task_id: taskId,
      ...(killPolicy !== undefined && { kill_policy: killPolicy }),
    });
  }

  shutdownExecutor(framework: Framework, agentId: string, executorId: string): void {
    const agent = this.#master.agents.get(agentId);
    if (agent?.connected)
      agent.send?.({ type: 'shutdown_executor', framework_id: framework.id, executor_id: executorId });
  }

  message(framework: Framework, agentId: string, executorId: string, data: string): void {
    const agent = this.#master.agents.get(agentId);
    if (agent?.connected)
      agent.send?.({ type: 'framework_message', framework_id: framework.id, executor_id: executorId, data });
  }

  /** An executor's process ended on an agent. */
  executorExited(agent: Agent, frameworkId: string, executorId: string, status: number): void {
    const executors = executorsOf(agent, frameworkId);
    const info = executors.get(executorId);
    if (!info) return;
    executors.delete(executorId);
    if (executors.size === 0) agent.executors.delete(frameworkId);
    this.#master.allocator.recover(frameworkId, agent.id, info.resources ?? []);
    this.#master.frameworks.get(frameworkId)?.stream?.send({
      type: 'FAILURE',
      failure: { agent_id: { value: agent.id }, executor_id: { value: executorId }, status },
    });
  }
}

/** Statuses are kept without `data` and `labels`: reconciliation answers lack both. */
function withoutData({ data: _data, labels: _labels, ...status }: TaskStatus): TaskStatus {
  return status;
}
