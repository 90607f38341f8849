import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import type { KeeperClient } from '../keeper/keeper-client.ts';
import type { LeaderDetector } from '../leader-detector.ts';
import type { AgentMessage, MasterMessage, PendingOperation } from '../link-protocol.ts';
import type { AgentInfo, Operation, TaskStatus } from '../messages.ts';
import { containsResources, unallocate } from '../resources/resource-list.ts';
import type { Resource } from '../resources/types.ts';
import { withCheckpointed } from '../resources/with-checkpointed.ts';
import { unallocatedOperation } from '../resources/unallocated-operation.ts';
import { Checkpoint } from './checkpoint.ts';
import { commandExecutorInfo } from './command-executor-info.ts';
import type { AgentConfig } from './config.ts';
import { Containerizer } from './containerizer.ts';
import type { AgentContext, MasterReports } from './context.ts';
import type { RecoveryPhase } from './executor-api.ts';
import { Executors } from './executors.ts';
import { MasterLink } from './master-link.ts';
import { taskOf, type AgentFramework } from './model.ts';
import { AgentPaths } from './paths.ts';
import { checkReconfiguration } from './reconfiguration.ts';
import { recoverExecutors } from './recovery.ts';
import { reportedState } from './report.ts';
import { StatusUpdates } from './status-updates.ts';
import { applyToAgent, checkpointedPart } from './volumes.ts';

const ROUTES_MS = 60;
const CONTAINERS_MS = 70;

/** What a master sends without asking whether it came. */
const LOSABLE = new Set(['apply_operation', 'run_task', 'run_task_group']);

const readBootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** One Mesos agent. */
export class Agent implements AgentContext, MasterReports {
  readonly config: AgentConfig;
  readonly paths: AgentPaths;
  readonly checkpoint: Checkpoint;
  readonly containerizer: Containerizer;
  readonly updates: StatusUpdates;
  readonly frameworks = new Map<string, AgentFramework>();
  readonly executors: Executors;
  readonly link: MasterLink;
  readonly #keeper: KeeperClient;
  info: AgentInfo;
  phase: RecoveryPhase = 'ROUTES';
  total: Resource[] = [];
  readonly #operations = new Map<string, PendingOperation>();
  #registered = false;
  #isLinked = false;
  #leaving = false;
  #workToLose = 0;
  /** Ends of executors that came while no master listened. */
  #untoldExits: AgentMessage[] = [];

  constructor(config: AgentConfig, keeper: KeeperClient, detector: LeaderDetector) {
    this.config = config;
    this.paths = new AgentPaths(config.workDir);
    this.checkpoint = new Checkpoint(this.paths);
    this.containerizer = new Containerizer(config, keeper);
    this.#keeper = keeper;
    this.updates = new StatusUpdates({
      forward: (frameworkId, status) =>
        this.statusUpdate(frameworkId, status, this.#latestState(frameworkId, status)),
      completed: (frameworkId, taskId) => this.executors.completed(frameworkId, taskId),
    });
    this.executors = new Executors(this);
    this.info = {
      hostname: config.hostname,
      port: config.port,
      resources: config.resources,
      ...(config.attributes.length > 0 && { attributes: config.attributes }),
    };
    this.link = new MasterLink(detector, config.ip, {
      connected: () => this.#linked(),
      disconnected: () => this.#disconnected(),
      message: (message) => this.#onMessage(message),
    });
  }

  get master(): MasterReports {
    return this;
  }

  get agentId(): string {
    return this.info.id?.value ?? '';
  }

  /** Recovers what the last run left, then looks for a master. Throws when the configuration does not fit it. */
  async start(): Promise<void> {
    const saved = this.checkpoint.recover();
    if (saved) {
      checkReconfiguration(
        saved.info,
        this.info,
        this.config.additiveReconfiguration,
        this.paths.latestAgent,
      );
      this.info = { ...this.info, id: saved.info.id };
      // The master goes on pinging; it must not take a recovering agent for an unreachable one.
      this.link.start();
    }
    this.total = withCheckpointed(this.config.resources, this.checkpoint.savedResources());
    const rebooted = this.checkpoint.savedBootId() !== readBootId();
    this.checkpoint.saveBootId(readBootId());
    await sleep(ROUTES_MS);
    this.phase = 'CONTAINERS';
    this.#keeper.onExit = (containerId, status) => this.#containerExited(containerId, status);
    await sleep(saved ? CONTAINERS_MS : 0);
    this.phase = 'EXECUTORS';
    if (saved && saved.frameworks.length > 0) {
      recoverExecutors(this, this.executors, this.#keeper, saved.frameworks, rebooted);
      this.#untoldExits = []; // What ended before this run, the master finds missing in the list.
      await sleep(this.config.executorReregistrationTimeoutMs);
      this.executors.destroyUnreturned(this.config.executorReregistrationTimeoutMs);
    }
    this.phase = 'DONE';
    if (this.#isLinked) void this.#register();
    else this.link.start();
  }

  #linked(): void {
    this.#isLinked = true;
    if (this.phase === 'DONE') void this.#register();
    else this.link.send({ type: 'recovering', agent_id: this.agentId });
  }

  #containerExited(containerId: string, status: number): void {
    for (const framework of this.frameworks.values())
      for (const executor of framework.executors.values())
        if (executor.containerId === containerId) this.executors.ended(executor, status);
  }

  async #register(): Promise<void> {
    await sleep(Math.random() * this.config.registrationBackoffMs);
    this.#tellExits();
    const checkpointed = checkpointedPart(this.total);
    if (this.info.id === undefined)
      return this.link.send({ type: 'register', info: this.info, checkpointed });
    const info = { ...this.info, id: this.info.id };
    this.link.send({
      type: 'reregister',
      info,
      checkpointed,
      ...reportedState(this),
      operations: [...this.#operations.values()],
    });
  }

  #disconnected(): void {
    this.#isLinked = false;
    this.#registered = false;
    this.updates.pause();
  }

  #becomeRegistered(pingTimeoutMs: number): void {
    this.#registered = true;
    this.link.registered(pingTimeoutMs);
    this.#tellExits();
    this.updates.resume();
  }

  #onMessage(message: MasterMessage): void {
    switch (message.type) {
      case 'registered': {
        const info = { ...this.info, id: { value: message.agent_id } };
        this.info = info;
        this.checkpoint.saveAgent(info);
        return this.#becomeRegistered(message.ping_timeout_ms);
      }
      case 'reregistered':
        this.checkpoint.saveAgent({ ...this.info, id: { value: message.agent_id } });
        this.#becomeRegistered(message.ping_timeout_ms);
        for (const task of message.unknown_tasks)
          this.executors.reportUnknown(task.framework_id, task.task_id);
        return;
      case 'ping':
        this.link.pinged();
        this.link.send({ type: 'pong' });
        // The master has given us up in the meantime: come back as a returning agent.
        if (!message.connected && this.#registered) void this.#register();
        return;
      case 'shutdown':
        return this.leave();
      default:
        return this.#onWork(message);
    }
  }

  #onWork(
    message: Exclude<MasterMessage, { type: 'registered' | 'reregistered' | 'ping' | 'shutdown' }>,
  ): void {
    if (LOSABLE.has(message.type) && this.#workToLose > 0) {
      this.#workToLose -= 1;
      return;
    }
    switch (message.type) {
      case 'run_task':
        return this.executors.runTasks(
          message.framework,
          [message.task],
          message.executor ?? commandExecutorInfo(message.framework, message.task),
          false,
        );
      case 'run_task_group':
        return this.executors.runTasks(message.framework, message.tasks, message.executor, true);
      case 'kill_task':
        return this.executors.kill(message.framework_id, message.task_id, message.kill_policy);
      case 'shutdown_executor': {
        const executor = this.frameworks.get(message.framework_id)?.executors.get(message.executor_id);
        return executor && this.executors.shutdown(executor);
      }
      case 'shutdown_framework':
        return this.executors.shutdownFramework(message.framework_id);
      case 'framework_message': {
        const executor = this.frameworks.get(message.framework_id)?.executors.get(message.executor_id);
        return executor?.stream?.send({ type: 'MESSAGE', message: { data: message.data } });
      }
      case 'acknowledge_status':
        return this.updates.acknowledge(message.framework_id, message.task_id, message.uuid);
      case 'update_framework':
        return this.#updateFramework(message.framework);
      case 'apply_operation':
        return this.#applyOperation(message.uuid, message.operation, message.framework_id);
      case 'acknowledge_operation':
        this.#operations.delete(message.uuid);
        return;
    }
  }

  /** The framework has a (new) scheduler: it may be waiting for updates the old one never acknowledged. */
  #updateFramework(info: AgentFramework['info']): void {
    const framework = this.frameworks.get(info.id!.value);
    if (framework) {
      framework.info = info;
      if (info.checkpoint) this.checkpoint.saveFramework(info);
    }
    this.updates.resume();
  }

  #applyOperation(uuid: string, operation: Operation, frameworkId: string | undefined): void {
    const bare = unallocatedOperation(operation);
    const status: PendingOperation = {
      uuid,
      state: 'OPERATION_FINISHED',
      ...(frameworkId !== undefined && { framework_id: frameworkId }),
      ...(operation.id && { operation_id: operation.id.value }),
    };
    try {
      const total = applyToAgent(this.paths, this.total, bare);
      this.checkpoint.saveResources(checkpointedPart(total));
      this.total = total;
    } catch (error) {
      status.state = 'OPERATION_ERROR';
      status.message = (error as Error).message;
    }
    if (operation.id) this.#operations.set(uuid, status);
    this.link.send({ type: 'operation_status', operation: status });
  }

  #latestState(frameworkId: string, status: TaskStatus): string {
    for (const executor of this.frameworks.get(frameworkId)?.executors.values() ?? []) {
      const task = taskOf(executor, status.task_id.value);
      if (task) return task.state;
    }
    return status.state;
  }

  /**
   * SIGUSR1: leaves the cluster for good. An agent without executors is gone before the master hears of
   * it, as a real one is: for the master it is just not there any more.
   */
  unregister(): void {
    if (this.frameworks.size > 0) this.#send({ type: 'unregister' });
    this.leave();
  }

  /** Ends all executors, then the process. */
  leave(): void {
    this.#leaving = true;
    if (this.frameworks.size === 0) return this.#exit();
    for (const frameworkId of this.frameworks.keys()) this.executors.shutdownFramework(frameworkId);
  }

  #exit(): void {
    setTimeout(() => process.exit(0), 20);
  }

  #send(message: AgentMessage): void {
    if (this.#registered) this.link.send(message);
  }

  executorExited(frameworkId: string, executorId: string, status: number): void {
    const message = {
      type: 'executor_exited',
      framework_id: frameworkId,
      executor_id: executorId,
      status,
    } as const;
    if (this.#registered) this.link.send(message);
    else this.#untoldExits.push(message);
  }

  #tellExits(): void {
    for (const message of this.#untoldExits.splice(0)) this.link.send(message);
  }

  executorMessage(frameworkId: string, executorId: string, data: string): void {
    this.#send({ type: 'executor_message', framework_id: frameworkId, executor_id: executorId, data });
  }

  statusUpdate(frameworkId: string, status: TaskStatus, latestState: string): void {
    this.#send({ type: 'status_update', framework_id: frameworkId, status, latest_state: latestState });
  }

  /** Fault injection: the next operations and launches do not arrive. */
  loseWork(count: number): void {
    this.#workToLose = count;
  }

  holds(resources: Resource[]): boolean {
    return containsResources(this.total, unallocate(checkpointedPart(resources)));
  }

  containerEnded(containerId: string): void {
    this.#keeper.forget(containerId);
  }

  frameworkRemoved(): void {
    if (this.#leaving && this.frameworks.size === 0) this.#exit();
  }
}
