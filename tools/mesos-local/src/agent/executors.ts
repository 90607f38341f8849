import type { EventStream } from '../http/event-stream.ts';
import {
  isTerminal,
  type ExecutorInfo,
  type FrameworkInfo,
  type TaskInfo,
  type TaskStatus,
} from '../messages.ts';
import { printDuration } from '../flags.ts';
import type { AgentContext } from './context.ts';
import { launchExecutor, newExecutor } from './executor-launch.ts';
import {
  isComplete,
  taskOf,
  type AgentExecutor,
  type AgentFramework,
  type PendingTermination,
} from './model.ts';
import { ownStatus, TERMINATED, UNKNOWN_RESOURCES } from './own-status.ts';

/** Wait status of an executor that there never was. */
const NEVER_STARTED = -1;

/** The life of executors and their tasks on this agent, from the launch to the last acknowledgement. */
export class Executors {
  readonly #context: AgentContext;

  constructor(context: AgentContext) {
    this.#context = context;
  }

  /** One task, or the tasks of a group that are delivered together. */
  runTasks(frameworkInfo: FrameworkInfo, tasks: TaskInfo[], info: ExecutorInfo, group: boolean): void {
    const needed = [...tasks.flatMap(({ resources }) => resources ?? []), ...(info.resources ?? [])];
    if (!this.#context.holds(needed)) return this.#refuse(frameworkInfo.id!.value, tasks, info);
    const framework = this.#frameworkFor(frameworkInfo);
    const known = framework.executors.get(info.executor_id.value);
    if (known && (known.state === 'TERMINATING' || known.state === 'TERMINATED'))
      return this.#dropTasks(framework.id, tasks, known.id, {
        state: 'TASK_DROPPED',
        reason: TERMINATED.reason,
        message: `Executor ${known.state.toLowerCase()}`,
      });
    const executor = known ?? this.#create(framework, info);
    for (const task of tasks) {
      executor.queued.set(task.task_id.value, task);
      if (framework.info.checkpoint) this.#context.checkpoint.saveTask(executor, task);
    }
    if (group) executor.queuedGroups.push(tasks);
    if (!known) void this.#launch(framework, executor);
    else if (executor.state === 'RUNNING') this.deliverQueued(executor);
  }

  #frameworkFor(info: FrameworkInfo): AgentFramework {
    const id = info.id!.value;
    const known = this.#context.frameworks.get(id);
    if (known) return known;
    const framework: AgentFramework = { id, info, ending: false, executors: new Map() };
    this.#context.frameworks.set(id, framework);
    if (info.checkpoint) this.#context.checkpoint.saveFramework(info);
    return framework;
  }

  #create(framework: AgentFramework, info: ExecutorInfo): AgentExecutor {
    const executor = newExecutor(this.#context, framework, info);
    framework.executors.set(executor.id, executor);
    return executor;
  }

  async #launch(framework: AgentFramework, executor: AgentExecutor): Promise<void> {
    this.#watchRegistration(executor);
    const failed = await launchExecutor(this.#context, framework, executor);
    if (!failed) return;
    executor.pendingTermination = failed.why;
    this.ended(executor, failed.status);
  }

  /** The timeout counts from the launch, so it includes fetching. */
  #watchRegistration(executor: AgentExecutor): void {
    const timeoutMs = this.#context.config.executorRegistrationTimeoutMs;
    executor.registrationTimer = setTimeout(() => {
      if (executor.state !== 'REGISTERING') return;
      this.destroy(executor, {
        state: 'TASK_FAILED',
        reason: 'REASON_EXECUTOR_REGISTRATION_TIMEOUT',
        message: `Executor did not register within ${printDuration(timeoutMs)}`,
      });
    }, timeoutMs);
  }

  /** SIGKILL to everything the executor is; `why` becomes the status of its tasks. */
  destroy(executor: AgentExecutor, why: PendingTermination): void {
    executor.pendingTermination ??= why;
    executor.state = 'TERMINATING';
    this.#context.containerizer.kill(executor);
  }

  /**
   * The executor opened its stream: everything queued goes to it. `listed` are the tasks it says it has;
   * after a restart of the agent, what is missing there never reached it.
   */
  subscribed(executor: AgentExecutor, stream: EventStream, listed: TaskInfo[]): void {
    this.#attach(executor, stream);
    clearTimeout(executor.registrationTimer);
    const returning = executor.state === 'REGISTERING';
    if (returning) this.#dropLostTasks(executor, listed);
    const idle = executor.queued.size === 0 && executor.launched.size === 0;
    if (executor.state === 'TERMINATING' || executor.state === 'TERMINATED')
      return stream.send({ type: 'SHUTDOWN' });
    executor.state = 'RUNNING';
    // Nothing is left for it to do: its tasks were killed on their way here, or lost.
    if (returning && idle) return this.shutdown(executor);
    stream.send({
      type: 'SUBSCRIBED',
      subscribed: {
        executor_info: executor.info,
        framework_info: this.#context.frameworks.get(executor.frameworkId)!.info,
        agent_info: this.#context.info,
        container_id: { value: executor.containerId },
      },
    });
    this.deliverQueued(executor);
  }

  /** The newest stream counts; an older one is ended. */
  #attach(executor: AgentExecutor, stream: EventStream): void {
    const previous = executor.stream;
    executor.stream = stream;
    previous?.end();
    stream.onClose = () => {
      if (executor.stream === stream) delete executor.stream;
    };
  }

  #dropLostTasks(executor: AgentExecutor, listed: TaskInfo[]): void {
    for (const [taskId, task] of executor.launched) {
      if (task.state !== 'TASK_STAGING' || listed.some((other) => other.task_id.value === taskId)) continue;
      this.#endTask(executor, task.info, {
        state: 'TASK_DROPPED',
        reason: 'REASON_AGENT_RESTARTED',
        message: 'Task launched during agent restart',
      });
    }
  }

  deliverQueued(executor: AgentExecutor): void {
    const grouped = new Set(executor.queuedGroups.flat());
    const loose = [...executor.queued.values()].filter((task) => !grouped.has(task));
    for (const tasks of executor.queuedGroups) {
      for (const task of tasks) this.#markLaunched(executor, task);
      executor.stream?.send({ type: 'LAUNCH_GROUP', launch_group: { task_group: { tasks } } });
    }
    executor.queuedGroups = [];
    for (const task of loose) {
      this.#markLaunched(executor, task);
      executor.stream?.send({ type: 'LAUNCH', launch: { task } });
    }
  }

  #markLaunched(executor: AgentExecutor, task: TaskInfo): void {
    executor.queued.delete(task.task_id.value);
    executor.launched.set(task.task_id.value, { info: task, state: 'TASK_STAGING', statuses: [] });
  }

  kill(frameworkId: string, taskId: string, killPolicy: unknown): void {
    const framework = this.#context.frameworks.get(frameworkId);
    const executors = [...(framework?.executors.values() ?? [])];
    const waiting = executors.find((executor) => executor.queued.has(taskId));
    if (waiting) return this.#killQueued(waiting, taskId);
    const executor = executors.find((candidate) => taskOf(candidate, taskId));
    if (executor?.state === 'RUNNING')
      executor.stream?.send({
        type: 'KILL',
        kill: { task_id: { value: taskId }, ...(killPolicy !== undefined && { kill_policy: killPolicy }) },
      });
  }

  #killQueued(executor: AgentExecutor, taskId: string): void {
    const group = executor.queuedGroups.find((tasks) => tasks.some((task) => task.task_id.value === taskId));
    const tasks = group ?? [executor.queued.get(taskId)!];
    executor.queuedGroups = executor.queuedGroups.filter((other) => other !== group);
    for (const task of tasks)
      this.#endTask(executor, task, {
        state: 'TASK_KILLED',
        reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
        message: 'Killed before delivery to the executor',
      });
  }

  /** Asks the executor to end, and kills it when it has not within its grace period. */
  shutdown(executor: AgentExecutor): void {
    if (executor.state === 'TERMINATING' || executor.state === 'TERMINATED') return;
    executor.state = 'TERMINATING';
    executor.abort.abort();
    executor.stream?.send({ type: 'SHUTDOWN' });
    const grace = executor.info.shutdown_grace_period;
    const graceMs = grace ? grace.nanoseconds / 1e6 : this.#context.config.executorShutdownGraceMs;
    executor.shutdownTimer = setTimeout(() => this.#context.containerizer.kill(executor), graceMs);
  }

  shutdownFramework(frameworkId: string): void {
    const framework = this.#context.frameworks.get(frameworkId);
    if (!framework) return;
    framework.ending = true;
    this.#context.updates.dropFramework(frameworkId);
    for (const executor of [...framework.executors.values()]) {
      this.shutdown(executor);
      if (executor.state === 'TERMINATED') this.#remove(executor);
    }
  }

  /** The container is gone. Reports the executor first, then its unfinished tasks. */
  ended(executor: AgentExecutor, status: number): void {
    if (executor.state === 'TERMINATED') return;
    executor.state = 'TERMINATED';
    clearTimeout(executor.registrationTimer);
    clearTimeout(executor.shutdownTimer);
    executor.stream?.end();
    delete executor.stream;
    this.#context.checkpoint.markEnded(executor);
    this.#context.master.executorExited(executor.frameworkId, executor.id, status);
    if (this.#context.frameworks.get(executor.frameworkId)?.ending) return this.#remove(executor);
    const why = executor.pendingTermination ?? TERMINATED;
    for (const task of [
      ...executor.queued.values(),
      ...[...executor.launched.values()].map(({ info }) => info),
    ])
      this.#endTask(executor, task, why);
    this.#removeIfComplete(executor);
  }

  #endTask(executor: AgentExecutor, task: TaskInfo, why: PendingTermination): void {
    const taskId = task.task_id.value;
    if (executor.queued.delete(taskId))
      executor.launched.set(taskId, { info: task, state: 'TASK_STAGING', statuses: [] });
    this.update(executor.frameworkId, executor, ownStatus(this.#context.agentId, taskId, executor.id, why));
  }

  /** Something before the launch was lost on its way here. */
  #refuse(
    frameworkId: string,
    tasks: TaskInfo[],
    { executor_id: { value: executorId } }: ExecutorInfo,
  ): void {
    this.#dropTasks(frameworkId, tasks, executorId, UNKNOWN_RESOURCES);
    if (!this.#context.frameworks.get(frameworkId)?.executors.has(executorId))
      this.#context.master.executorExited(frameworkId, executorId, NEVER_STARTED);
  }

  #dropTasks(frameworkId: string, tasks: TaskInfo[], executorId: string, why: PendingTermination): void {
    for (const task of tasks) {
      const status = ownStatus(this.#context.agentId, task.task_id.value, executorId, why);
      this.update(frameworkId, undefined, status);
    }
  }

  /** After a restart of the agent: executors that have not subscribed again in time. */
  destroyUnreturned(timeoutMs: number): void {
    for (const framework of this.#context.frameworks.values())
      for (const executor of framework.executors.values())
        if (executor.state === 'REGISTERING')
          this.destroy(executor, {
            state: 'TASK_GONE',
            reason: 'REASON_EXECUTOR_REREGISTRATION_TIMEOUT',
            message: `Executor did not reregister within ${printDuration(timeoutMs)}`,
          });
  }

  /** Tells the master of a task it believes to be here. */
  reportUnknown(frameworkId: string, taskId: string): void {
    const status = ownStatus(this.#context.agentId, taskId, undefined, {
      state: 'TASK_DROPPED',
      reason: 'REASON_RECONCILIATION',
      message: 'Reconciliation: task unknown to the agent',
    });
    this.update(frameworkId, undefined, status);
  }

  /**
   * Records an update and sends it on its way; `false` if its uuid was seen before. `executor` is the one
   * that has the task, `undefined` for a task nobody here knows: such an update is delivered all the same.
   */
  update(frameworkId: string, executor: AgentExecutor | undefined, status: TaskStatus): boolean {
    const taskId = status.task_id.value;
    const task = executor && taskOf(executor, taskId);
    if (executor && task) {
      task.state = status.state;
      task.statuses.push(status);
      if (isTerminal(status.state) && executor.launched.delete(taskId)) executor.terminated.set(taskId, task);
    }
    const checkpointed = executor && this.#context.frameworks.get(frameworkId)?.info.checkpoint;
    const journal = checkpointed ? this.#context.checkpoint.journal(executor, taskId) : undefined;
    return this.#context.updates.add(frameworkId, status, journal);
  }

  /** The terminal update of a task was acknowledged. */
  completed(frameworkId: string, taskId: string): void {
    for (const executor of this.#context.frameworks.get(frameworkId)?.executors.values() ?? []) {
      executor.terminated.delete(taskId);
      this.#removeIfComplete(executor);
    }
  }

  #removeIfComplete(executor: AgentExecutor): void {
    if (isComplete(executor)) this.#remove(executor);
  }

  #remove(executor: AgentExecutor): void {
    const framework = this.#context.frameworks.get(executor.frameworkId);
    if (!framework || framework.executors.get(executor.id) !== executor) return;
    framework.executors.delete(executor.id);
    this.#context.checkpoint.removeExecutor(executor);
    this.#context.containerEnded(executor.containerId);
    if (framework.executors.size > 0) return;
    this.#context.frameworks.delete(framework.id);
    this.#context.checkpoint.removeFramework(framework.id);
    this.#context.frameworkRemoved();
  }
}
