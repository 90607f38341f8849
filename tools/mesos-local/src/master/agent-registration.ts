import type { AgentMessage, MasterMessage } from '../link-protocol.ts';
import { isTerminal, type FrameworkInfo, type Task } from '../messages.ts';
import type { Resource } from '../resources/types.ts';
import { withCheckpointed } from '../resources/with-checkpointed.ts';
import type { Master } from './master.ts';
import { executorsOf, taskKey, type Agent, type Framework } from './model.ts';
import { masterStatus } from './reconciliation.ts';
import { allocatorOptions, newFramework } from './subscriptions.ts';
import { taskResourcesByFramework } from './usage.ts';

/** The connection of one agent process. */
export interface AgentLink {
  /** Address of the agent's end. */
  ip: string;
  send(message: MasterMessage): void;
  close(): void;
}

type Registered = Extract<AgentMessage, { type: 'register' }>;
type FromRegistered = Exclude<AgentMessage, { type: 'register' | 'reregister' | 'recovering' }>;
type Reregistered = Extract<AgentMessage, { type: 'reregister' }>;

/** Agents that come, stay away for a moment and come back. */
export class AgentRegistration {
  readonly #master: Master;
  readonly #byLink = new Map<AgentLink, Agent>();

  constructor(master: Master) {
    this.#master = master;
  }

  receive(link: AgentLink, message: AgentMessage): void {
    if (message.type === 'register') return this.#register(link, message);
    if (message.type === 'reregister') return this.#reregister(link, message);
    if (message.type === 'recovering') return this.#recovering(link, message.agent_id);
    const agent = this.#byLink.get(link);
    if (agent && this.#master.agents.get(agent.id) === agent) this.#fromAgent(agent, message);
  }

  #recovering(link: AgentLink, agentId: string): void {
    const agent = this.#master.agents.get(agentId);
    if (!agent || agent.connected) return;
    this.#byLink.set(link, agent);
    agent.ping = (message) => link.send(message);
  }

  #fromAgent(agent: Agent, message: FromRegistered): void {
    switch (message.type) {
      case 'pong':
        agent.missedPings = 0;
        return;
      case 'unregister':
        return this.#master.agentRemoval.unregistered(agent);
      case 'status_update':
        return this.#master.updates.received(
          agent,
          message.framework_id,
          message.status,
          message.latest_state,
        );
      case 'executor_message':
        this.#master.frameworks.get(message.framework_id)?.stream?.send({
          type: 'MESSAGE',
          message: {
            agent_id: { value: agent.id },
            executor_id: { value: message.executor_id },
            data: message.data,
          },
        });
        return;
      case 'executor_exited':
        return this.#master.updates.executorExited(
          agent,
          message.framework_id,
          message.executor_id,
          message.status,
        );
      case 'operation_status':
        return this.#master.operations.finished(agent, message.operation);
    }
  }

  #register(link: AgentLink, { info, checkpointed }: Registered): void {
    this.#replaceAt(link, info.port);
    const id = this.#master.newAgentId();
    const agent = this.#newAgent(link, { ...info, id: { value: id } }, checkpointed);
    this.#master.registry.admit(agent.info);
    link.send({ type: 'registered', agent_id: id, ping_timeout_ms: this.#pingTimeoutMs });
    this.#admit(agent, link);
  }

  /** A different agent at the same address: the old one can never come back. */
  #replaceAt(link: AgentLink, port: number): void {
    const address = `${link.ip}:${port}`;
    for (const agent of this.#master.agents.values())
      if (agent.address === address) this.#master.agentRemoval.replaced(agent);
  }

  get #pingTimeoutMs(): number {
    return this.#master.config.agentPingTimeoutMs * this.#master.config.maxAgentPingTimeouts;
  }

  #newAgent(link: AgentLink, info: Agent['info'], checkpointed: Resource[]): Agent {
    return {
      id: info.id.value,
      info,
      address: `${link.ip}:${info.port}`,
      send: undefined,
      connected: false,
      deactivated: this.#master.registry.state.deactivated.includes(info.id.value),
      total: withCheckpointed(info.resources, checkpointed),
      executors: new Map(),
      tasks: new Map(),
      offers: new Set(),
      operations: new Map(),
      killsWhileAway: [],
      missedPings: 0,
      registeredAt: Date.now() / 1000,
    };
  }

  #admit(agent: Agent, link: AgentLink): void {
    this.#connect(agent, link);
    this.#master.agents.set(agent.id, agent);
    this.#master.allocator.addAgent(agent.id, agent.total, taskResourcesByFramework(agent));
    this.#master.allocator.setAgentActive(agent.id, !agent.deactivated);
    this.#master.offerBook.allocate([agent.id]);
  }

  #connect(agent: Agent, link: AgentLink): void {
    for (const [older, owner] of this.#byLink)
      if (owner.id === agent.id && older !== link) this.#forget(older);
    this.#byLink.set(link, agent);
    agent.send = (message) => link.send(message);
    agent.ping = undefined;
    agent.connected = true;
    agent.missedPings = 0;
    clearTimeout(agent.pingTimer);
    this.#ping(agent);
  }

  #forget(link: AgentLink): void {
    this.#byLink.delete(link);
    link.close();
  }

  /** Goes on while the agent is disconnected: whoever does not answer in time is unreachable. */
  #ping(agent: Agent): void {
    (agent.send ?? agent.ping)?.({ type: 'ping', connected: agent.connected });
    agent.missedPings += 1;
    agent.pingTimer = setTimeout(() => {
      if (agent.missedPings >= this.#master.config.maxAgentPingTimeouts)
        this.#master.agentRemoval.unreachable(agent);
      else this.#ping(agent);
    }, this.#master.config.agentPingTimeoutMs);
  }

  #reregister(link: AgentLink, message: Reregistered): void {
    const id = message.info.id.value;
    if (this.#master.registry.isGone(id)) {
      link.send({ type: 'shutdown', message: 'Agent has been marked gone' });
      return;
    }
    const known = this.#master.agents.get(id);
    if (known) this.#returns(known, link, message);
    else this.#readmit(link, message);
  }

  /** Back before anybody gave it up. */
  #returns(agent: Agent, link: AgentLink, message: Reregistered): void {
    const unknown = [...agent.tasks.values()].filter(
      (task) => !isTerminal(task.state) && !reports(message, task),
    );
    agent.info = message.info;
    agent.reregisteredAt = Date.now() / 1000;
    agent.total = withCheckpointed(message.info.resources, message.checkpointed);
    this.#master.registry.admit(agent.info);
    this.#dropDeadExecutors(agent, message);
    link.send({
      type: 'reregistered',
      agent_id: agent.id,
      ping_timeout_ms: this.#pingTimeoutMs,
      unknown_tasks: unknown.map((task) => ({
        framework_id: task.framework_id.value,
        task_id: task.task_id.value,
      })),
    });
    this.#connect(agent, link);
    this.#updateFrameworks(agent, message.frameworks);
    for (const { frameworkId, taskId } of agent.killsWhileAway.splice(0))
      agent.send?.({ type: 'kill_task', framework_id: frameworkId, task_id: taskId });
    this.#master.operations.compared(agent, message.operations);
    this.#master.allocator.updateTotal(agent.id, agent.total);
    this.#master.allocator.setAgentActive(agent.id, !agent.deactivated);
  }

  /** Executors that ended while the agent was away; it does not report their end again. */
  #dropDeadExecutors(agent: Agent, message: Reregistered): void {
    for (const [frameworkId, executors] of agent.executors) {
      for (const [executorId, info] of executors) {
        const alive = message.executors.some(
          (one) => one.framework_id === frameworkId && one.info.executor_id.value === executorId,
        );
        if (alive) continue;
        executors.delete(executorId);
        this.#master.allocator.recover(frameworkId, agent.id, info.resources ?? []);
      }
      if (executors.size === 0) agent.executors.delete(frameworkId);
    }
  }

  /** An agent this master has not seen, or had given up: unreachable ones, and all after a failover. */
  #readmit(link: AgentLink, message: Reregistered): void {
    const id = message.info.id.value;
    this.#replaceAt(link, message.info.port);
    const wasUnreachable = this.#master.registry.unreachableSince(id) !== undefined;
    clearTimeout(this.#master.recovered.get(id)?.timer);
    this.#master.recovered.delete(id);
    const agent = this.#newAgent(link, message.info, message.checkpointed);
    agent.reregisteredAt = Date.now() / 1000;
    this.#master.registry.admit(agent.info);
    for (const info of message.frameworks) this.#recoverFramework(info);
    for (const { framework_id: frameworkId, info } of message.executors)
      executorsOf(agent, frameworkId).set(info.executor_id.value, info);
    for (const task of message.tasks) this.#readmitTask(agent, task, wasUnreachable);
    link.send({
      type: 'reregistered',
      agent_id: id,
      ping_timeout_ms: this.#pingTimeoutMs,
      unknown_tasks: [],
    });
    this.#admit(agent, link);
    this.#updateFrameworks(agent, message.frameworks);
    for (const operation of message.operations) this.#master.operations.finished(agent, operation);
  }

  #recoverFramework(info: FrameworkInfo): void {
    const id = info.id!.value;
    if (this.#master.frameworks.has(id) || this.#master.removedFrameworks.has(id)) return;
    const framework = newFramework(info);
    framework.recovered = true;
    this.#master.frameworks.set(id, framework);
    this.#master.allocator.addFramework(id, allocatorOptions(info, framework.suppressed), false);
  }

  #readmitTask(agent: Agent, task: Task, wasUnreachable: boolean): void {
    const framework = this.#master.frameworks.get(task.framework_id.value);
    if (!framework) {
      agent.tasks.set(taskKey(task.framework_id.value, task.task_id.value), task);
      return;
    }
    framework.unreachableTasks.delete(task.task_id.value);
    const last = task.statuses.at(-1);
    this.#master.updates.track(framework, agent, {
      ...task,
      ...(last && { status_update_state: last.state }),
    });
    if (wasUnreachable) this.#tellReturned(framework, task);
  }

  #tellReturned(framework: Framework, task: Task): void {
    const last = task.statuses.findLast((status) => status.container_status !== undefined);
    const status = masterStatus(
      task,
      task.state,
      'REASON_AGENT_REREGISTERED',
      'Unreachable agent re-reregistered',
    );
    framework.stream?.send({
      type: 'UPDATE',
      update: { status: { ...status, ...(last && { container_status: last.container_status }) } },
    });
  }

  /** The agent hears which of its frameworks are alive, and ends what belongs to none. */
  #updateFrameworks(agent: Agent, reported: FrameworkInfo[]): void {
    for (const { id } of reported) {
      const framework = this.#master.frameworks.get(id!.value);
      if (framework && !framework.recovered)
        agent.send?.({ type: 'update_framework', framework: framework.info });
      if (this.#master.removedFrameworks.has(id!.value))
        agent.send?.({ type: 'shutdown_framework', framework_id: id!.value });
    }
  }

  /** The connection is gone: offers at once, the agent itself only after the pings. */
  lost(link: AgentLink): void {
    const agent = this.#byLink.get(link);
    this.#byLink.delete(link);
    if (agent) agent.ping = undefined;
    if (!agent || this.#master.agents.get(agent.id) !== agent || !agent.connected) return;
    agent.connected = false;
    agent.send = undefined;
    this.#master.allocator.setAgentActive(agent.id, false);
    this.#master.offerBook.rescindAgent(agent);
    this.#master.agentRemoval.dropUncheckpointed(agent);
  }
}

const reports = (message: Reregistered, task: Task): boolean =>
  message.tasks.some(
    (one) => one.task_id.value === task.task_id.value && one.framework_id.value === task.framework_id.value,
  );
