import { isTerminal, nanosecondsNow, type Task } from '../messages.ts';
import { executorsOf, partitionState, taskKey, type Agent, type Framework } from './model.ts';
import type { Master } from './master.ts';
import { masterStatus } from './reconciliation.ts';

/** What the tasks of a removed agent become. */
interface Fate {
  state: string;
  reason: string;
  message: string;
  unreachableSince?: number;
}

/** Agents that leave, are given up or are declared gone, and what their frameworks hear of it. */
export class AgentRemoval {
  readonly #master: Master;

  constructor(master: Master) {
    this.#master = master;
  }

  /** It left in order: TASK_LOST also for frameworks that know of partitions. */
  unregistered(agent: Agent): void {
    this.#master.registry.remove(agent.id);
    const message = `Agent ${agent.info.hostname} removed: the agent unregistered`;
    this.#remove(agent, { state: 'TASK_LOST', reason: 'REASON_AGENT_REMOVED', message });
  }

  /** Another agent registered at its address. */
  replaced(agent: Agent): void {
    this.#master.registry.remove(agent.id);
    const message = `Agent ${agent.info.hostname} removed: a new agent registered at the same address`;
    this.#remove(agent, { state: 'TASK_LOST', reason: 'REASON_AGENT_REMOVED', message });
  }

  /** It does not answer pings. It may come back, with its tasks. */
  unreachable(agent: Agent): void {
    if (this.#master.agents.get(agent.id) !== agent) return;
    const since = nanosecondsNow();
    this.#master.registry.markUnreachable(agent.id, since);
    this.#remove(agent, {
      state: 'TASK_UNREACHABLE',
      reason: 'REASON_AGENT_REMOVED',
      message: 'health check timed out',
      unreachableSince: since,
    });
  }

  /** An agent of the registry never came back to this master. */
  recoveredUnreachable(id: string): void {
    if (this.#master.registry.isGone(id) || !this.#master.recovered.delete(id)) return;
    this.#master.registry.markUnreachable(id, nanosecondsNow());
    for (const framework of this.#master.frameworks.values())
      framework.stream?.send({ type: 'FAILURE', failure: { agent_id: { value: id } } });
  }

  /**
   * An operator knows that it will never be back. `false` for an id nobody knows. One that has not come back to this
   * master stays among those it waits for, and is not spoken of (MESOS-9739).
   */
  markGone(id: string): boolean {
    const { agents, recovered, registry } = this.#master;
    const agent = agents.get(id);
    if (!agent && !recovered.has(id) && registry.unreachableSince(id) === undefined) return false;
    registry.markGone(id, nanosecondsNow());
    if (!agent) return true;
    agent.send?.({ type: 'shutdown', message: 'Agent has been marked gone' });
    const message = 'Agent has been marked gone';
    this.#remove(agent, {
      state: 'TASK_GONE_BY_OPERATOR',
      reason: 'REASON_AGENT_REMOVED_BY_OPERATOR',
      message,
    });
    return true;
  }

  #remove(agent: Agent, fate: Fate): void {
    clearTimeout(agent.pingTimer);
    agent.connected = false;
    this.#master.agents.delete(agent.id);
    for (const task of [...agent.tasks.values()]) this.#endTask(agent, task, fate);
    for (const offer of [...agent.offers]) this.#master.offerBook.rescind(offer);
    this.#master.operations.forget(agent);
    this.#master.allocator.removeAgent(agent.id);
    this.#tellFrameworks(agent);
  }

  #endTask(agent: Agent, task: Task, fate: Fate): void {
    const framework = this.#master.frameworks.get(task.framework_id.value);
    agent.tasks.delete(taskKey(task.framework_id.value, task.task_id.value));
    if (!framework) return;
    framework.tasks.delete(task.task_id.value);
    if (isTerminal(task.state)) return;
    const state = fate.state === 'TASK_LOST' ? 'TASK_LOST' : partitionState(framework, fate.state);
    if (state === 'TASK_UNREACHABLE') framework.unreachableTasks.set(task.task_id.value, { ...task, state });
    else framework.completedTasks.push({ ...task, state });
    const status = masterStatus(task, state, fate.reason, fate.message, fate.unreachableSince);
    framework.stream?.send({ type: 'UPDATE', update: { status } });
  }

  #tellFrameworks(agent: Agent): void {
    for (const framework of this.#master.frameworks.values())
      framework.stream?.send({ type: 'FAILURE', failure: { agent_id: { value: agent.id } } });
  }

  /** Tasks of frameworks without checkpoint do not survive the loss of the connection. */
  dropUncheckpointed(agent: Agent): void {
    for (const framework of this.#master.frameworks.values()) {
      if (framework.info.checkpoint) continue;
      for (const task of [...agent.tasks.values()])
        if (task.framework_id.value === framework.id) this.#lose(agent, framework, task);
      for (const [executorId, info] of [...executorsOf(agent, framework.id)]) {
        executorsOf(agent, framework.id).delete(executorId);
        this.#master.allocator.recover(framework.id, agent.id, info.resources ?? []);
      }
      agent.executors.delete(framework.id);
    }
  }

  #lose(agent: Agent, framework: Framework, task: Task): void {
    if (!isTerminal(task.state)) this.#master.allocator.recover(framework.id, agent.id, task.resources);
    const message = `Agent ${agent.info.hostname} disconnected`;
    const status = masterStatus(task, 'TASK_LOST', 'REASON_AGENT_DISCONNECTED', message);
    this.#master.updates.forget(framework, agent, { ...task, state: 'TASK_LOST' });
    framework.stream?.send({ type: 'UPDATE', update: { status } });
  }
}
