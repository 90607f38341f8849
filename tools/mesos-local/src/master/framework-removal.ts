import { isTerminal } from '../messages.ts';
import type { Master } from './master.ts';
import { executorsOf, taskKey, type Framework } from './model.ts';

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
    const stream = framework.stream;
    delete framework.stream;
    stream?.end();
    for (const agent of this.#master.agents.values()) {
      agent.send?.({ type: 'shutdown_framework', framework_id: framework.id });
      for (const [taskId, task] of framework.tasks) {
        if (task.agent_id.value !== agent.id) continue;
        agent.tasks.delete(taskKey(framework.id, taskId));
        framework.completedTasks.push(isTerminal(task.state) ? task : { ...task, state: 'TASK_KILLED' });
      }
      executorsOf(agent, framework.id).clear();
      agent.executors.delete(framework.id);
    }
    framework.tasks.clear();
    this.#master.allocator.removeFramework(framework.id);
    this.#master.frameworks.delete(framework.id);
    this.#master.rememberRemoved(framework);
  }
}
