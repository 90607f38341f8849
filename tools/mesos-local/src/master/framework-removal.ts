import { isTerminal, type Task } from '../messages.ts';
import type { Master } from './master.ts';
import { taskKey, type Framework } from './model.ts';
import { masterStatus } from './reconciliation.ts';

/** Frameworks that are torn down or whose scheduler stayed away too long. */
export class FrameworkRemoval {
  readonly #master: Master;

  constructor(master: Master) {
    this.#master = master;
  }

  /** Ends its stream, shuts its executors down everywhere and refuses its id from now on. Nobody is told of its tasks. */
  remove(framework: Framework): void {
    clearTimeout(framework.failoverTimer);
    clearInterval(framework.heartbeat);
    this.#master.offerBook.withdraw(framework);
    framework.unregisteredAt = Date.now() / 1000;
    const stream = framework.stream;
    delete framework.stream;
    stream?.end();
    // Newest first, which is how Mesos' hash map tends to give them.
    for (const [taskId, task] of [...framework.tasks].toReversed()) {
      this.#master.agents.get(task.agent_id.value)?.tasks.delete(taskKey(framework.id, taskId));
      framework.completedTasks.push(isTerminal(task.state) ? task : killed(task, framework.id));
    }
    framework.tasks.clear();
    for (const agent of this.#master.agents.values()) {
      agent.send?.({ type: 'shutdown_framework', framework_id: framework.id });
      agent.executors.delete(framework.id);
    }
    this.#master.allocator.removeFramework(framework.id);
    this.#master.frameworks.delete(framework.id);
    this.#master.rememberRemoved(framework);
  }
}

/** What the books say of a task that ended with its framework; no scheduler hears of it. */
function killed(task: Task, frameworkId: string): Task {
  const message = `Framework ${frameworkId} removed`;
  const { executor_id: _executor, ...status } = masterStatus(
    task,
    'TASK_KILLED',
    'REASON_FRAMEWORK_REMOVED',
    message,
  );
  return { ...task, state: 'TASK_KILLED', statuses: [...task.statuses, status] };
}
