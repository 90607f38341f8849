import { randomUUID } from 'node:crypto';
import { emitter } from '../transport/emit.ts';
import { after as realAfter, sleep, type After } from '../transport/time.ts';
import type { ExecutorCall, ExecutorEvent, TaskState, TaskStatus } from '../wire/generated/types.ts';
import { executorEvent } from '../wire/messages.ts';
import { AgentClient } from './agent.ts';
import type { ExecutorEnvironment } from './environment.ts';
import { agentEvent, type AgentEvent, type ExecutorConnectionEvent } from './events.ts';
import { Outbox } from './outbox.ts';

export interface ExecutorOptions {
  /** See `executorEnvironment`. */
  environment: ExecutorEnvironment;
  /** Called for every event, in order. What it throws becomes an uncaught exception. */
  onEvent: (event: ExecutorConnectionEvent) => void;
  /** For tests. */
  after?: After;
  random?: () => number;
}

/** A status to report; the connection adds uuid, executor, source and time. */
export type Update = { taskId: string; state: TaskState } & Omit<
  TaskStatus,
  'taskId' | 'state' | 'uuid' | 'source' | 'executorId' | 'agentId' | 'timestamp'
>;

type End = { kind: 'retry'; reason: string } | { kind: 'rejected'; message: string };

/**
 * An executor's connection to its agent: subscribes, comes back after the agent's restart with
 * everything not yet acknowledged, and reports status updates in order. It ends itself with
 * `rejected` or `lost`; the executor must then end its tasks and exit.
 */
export class ExecutorConnection {
  readonly #environment: ExecutorEnvironment;
  readonly #emit: (event: ExecutorConnectionEvent) => void;
  readonly #after: After;
  readonly #random: () => number;
  readonly #agent: AgentClient;
  readonly #outbox = new Outbox();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #cancelRecovery: (() => void) | undefined;
  #subscribed = false;
  #everSubscribed = false;
  /** Why a stream that seemed fine was given up. */
  #interruption: string | undefined;
  /** Counts attempts to subscribe: the failure of a call from an earlier one is no news. */
  #attempts = 0;

  constructor({ environment, onEvent, after = realAfter, random = Math.random }: ExecutorOptions) {
    this.#environment = environment;
    this.#emit = emitter(onEvent, this.#stopping.signal);
    this.#after = after;
    this.#random = random;
    this.#agent = new AgentClient(environment);
  }

  /** Begins to subscribe. Events follow until `rejected`, `lost` or `close`. */
  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * Reports a status. It is kept and resent until the agent has acknowledged it (`flushed` tells);
   * returns its uuid. What the agent calls invalid is dropped (`update_rejected`).
   */
  update({ taskId, ...rest }: Update): Uint8Array {
    const { executorId } = this.#environment;
    // Version 4: agents reject nil, version 0 and version 7 uuids.
    const uuid = Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
    const status: TaskStatus = {
      ...rest,
      taskId: { value: taskId },
      uuid,
      executorId: { value: executorId },
      source: 'SOURCE_EXECUTOR',
      timestamp: Date.now() / 1000,
    };
    this.#outbox.add(status);
    if (this.#subscribed) this.#sendUnsent();
    return uuid;
  }

  /** Sends bytes to the scheduler, at most once; false when the agent did not take them. */
  async message(data: Uint8Array): Promise<boolean> {
    if (!this.#subscribed) return false;
    const answer = await this.#agent.call(this.#call({ type: 'MESSAGE', message: { data } }));
    return answer.kind === 'taken';
  }

  /** Resolves true when the agent has acknowledged every update, false after the timeout. */
  async flushed(timeoutMs: number): Promise<boolean> {
    const given = new AbortController();
    const timeout = sleep(timeoutMs, this.#after, given.signal);
    await Promise.race([this.#outbox.emptied(), timeout]);
    given.abort();
    return this.#outbox.isEmpty;
  }

  /** Ends the connection. No event follows. */
  async close(): Promise<void> {
    this.#stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const end = await this.#attempt();
      this.#subscribed = false;
      if (this.#stopping.signal.aborted) return;
      if (end.kind === 'rejected') return this.#finish({ type: 'rejected', message: end.message });
      if (!this.#environment.checkpoint && this.#everSubscribed) {
        return this.#finish({ type: 'lost', reason: `${end.reason}, and nothing is checkpointed` });
      }
      await this.#pause(end.reason);
    }
  }

  async #attempt(): Promise<End> {
    this.#interruption = undefined;
    this.#attempts += 1;
    try {
      const subscribe = this.#outbox.toSubscribe();
      const opened = await this.#agent.subscribe(this.#call({ type: 'SUBSCRIBE', subscribe }));
      if (!('kind' in opened)) return await this.#listen(opened);
      return opened.kind === 'taken' ? { kind: 'retry', reason: 'the agent opened no stream' } : opened;
    } catch (error) {
      return { kind: 'retry', reason: this.#interruption ?? (error as Error).message };
    }
  }

  async #listen(records: AsyncIterable<Buffer>): Promise<End> {
    for await (const record of records) {
      const event = executorEvent.decode(record);
      if (this.#stopping.signal.aborted) break;
      if (event.type === 'ERROR') {
        return { kind: 'rejected', message: event.error?.message ?? 'no reason given' };
      }
      if (event.type === 'SUBSCRIBED') this.#onSubscribed(event);
      const known = agentEvent(event);
      if (known) this.#deliver(known);
    }
    return { kind: 'retry', reason: this.#interruption ?? 'the agent ended the stream' };
  }

  #onSubscribed({ subscribed }: ExecutorEvent): void {
    if (!subscribed) return;
    const { executorInfo: executor, frameworkInfo: framework, agentInfo: agent } = subscribed;
    this.#cancelRecovery?.();
    this.#cancelRecovery = undefined;
    this.#subscribed = this.#everSubscribed = true;
    this.#emit({ type: 'subscribed', executor, framework, agent });
    this.#sendUnsent();
  }

  #deliver(event: AgentEvent): void {
    if (event.type === 'launch') this.#outbox.launched(event.task);
    if (event.type === 'launch_group') event.tasks.forEach((task) => this.#outbox.launched(task));
    if (event.type === 'acknowledged') this.#outbox.acknowledged(event.taskId, event.uuid);
    this.#emit(event);
  }

  #sendUnsent(): void {
    for (const status of this.#outbox.takeUnsent()) void this.#send(status);
  }

  async #send(status: TaskStatus): Promise<void> {
    const attempt = this.#attempts;
    const answer = await this.#agent.call(this.#call({ type: 'UPDATE', update: { status } }));
    if (answer.kind === 'rejected') {
      this.#outbox.drop(status.uuid);
      this.#emit({ type: 'update_rejected', taskId: status.taskId.value, message: answer.message });
    }
    if (answer.kind === 'retry' && attempt === this.#attempts) {
      // The next SUBSCRIBE carries it again.
      this.#interruption = `an update was not taken: ${answer.reason}`;
      this.#agent.endStream();
    }
  }

  async #pause(reason: string): Promise<void> {
    const { recoveryTimeoutMs, subscriptionBackoffMaxMs } = this.#environment;
    this.#cancelRecovery ??= this.#after(recoveryTimeoutMs, () =>
      this.#finish({ type: 'lost', reason: `no agent for ${recoveryTimeoutMs} ms` }),
    );
    // Flat, and well below the maximum: the agent counts it from its own start and kills latecomers.
    const retryInMs = Math.round((subscriptionBackoffMaxMs / 4) * (0.5 + this.#random() / 2));
    this.#emit({ type: 'disconnected', reason, retryInMs });
    await sleep(retryInMs, this.#after, this.#stopping.signal);
  }

  #finish(event: ExecutorConnectionEvent): void {
    this.#emit(event);
    this.#stop();
  }

  #stop(): void {
    this.#stopping.abort();
    this.#cancelRecovery?.();
    this.#agent.close();
  }

  #call(call: Omit<ExecutorCall, 'frameworkId' | 'executorId'>): ExecutorCall {
    const { frameworkId, executorId } = this.#environment;
    return { ...call, frameworkId: { value: frameworkId }, executorId: { value: executorId } };
  }
}
