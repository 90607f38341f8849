import type { TaskStatus } from '../messages.ts';
import { isTerminal } from '../messages.ts';

const FIRST_RETRY_MS = 10_000;
const LONGEST_RETRY_MS = 600_000;

/** Called for every change that a restart of the agent must not forget. */
export interface UpdateJournal {
  update(status: TaskStatus): void;
  acknowledged(uuid: string): void;
}

export interface UpdateHooks {
  /** Hands an update to the master. */
  forward(frameworkId: string, status: TaskStatus): void;
  /** The scheduler acknowledged the terminal update: the task is over. */
  completed(frameworkId: string, taskId: string): void;
}

/** The updates of one task: exactly one is on its way at any time. */
class Stream {
  readonly pending: TaskStatus[] = [];
  readonly received = new Set<string>();
  retryTimer: NodeJS.Timeout | undefined;
  readonly journal: UpdateJournal | undefined;

  constructor(journal: UpdateJournal | undefined) {
    this.journal = journal;
  }
}

const keyOf = (frameworkId: string, taskId: string): string => `${frameworkId}\n${taskId}`;

/** Delivers status updates at least once and in order, until acknowledged, over restarts of everybody. */
export class StatusUpdates {
  readonly #streams = new Map<string, Stream>();
  readonly #hooks: UpdateHooks;
  #paused = true;

  constructor(hooks: UpdateHooks) {
    this.#hooks = hooks;
  }

  /** Accepts an update; `false` if this uuid was accepted before. The journal is kept for the task's life. */
  add(frameworkId: string, status: TaskStatus, journal?: UpdateJournal): boolean {
    const key = keyOf(frameworkId, status.task_id.value);
    const stream = this.#streams.get(key) ?? new Stream(journal);
    this.#streams.set(key, stream);
    if (stream.received.has(status.uuid!)) return false;
    stream.received.add(status.uuid!);
    stream.journal?.update(status);
    stream.pending.push(status);
    if (stream.pending.length === 1) this.#send(frameworkId, stream);
    return true;
  }

  /** Puts back a stream read from disk: everything ever received and what is not acknowledged yet. */
  restore(
    frameworkId: string,
    taskId: string,
    received: string[],
    pending: TaskStatus[],
    journal: UpdateJournal,
  ): void {
    const stream = new Stream(journal);
    for (const uuid of received) stream.received.add(uuid);
    stream.pending.push(...pending);
    this.#streams.set(keyOf(frameworkId, taskId), stream);
  }

  #send(frameworkId: string, stream: Stream, retryMs = FIRST_RETRY_MS): void {
    clearTimeout(stream.retryTimer);
    const [status] = stream.pending;
    if (this.#paused || !status) return;
    this.#hooks.forward(frameworkId, status);
    const next = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    stream.retryTimer = setTimeout(() => this.#send(frameworkId, stream, next), retryMs);
  }

  /** An acknowledgement of anything but the update on its way is ignored. */
  acknowledge(frameworkId: string, taskId: string, uuid: string): void {
    const key = keyOf(frameworkId, taskId);
    const stream = this.#streams.get(key);
    const [status] = stream?.pending ?? [];
    if (!stream || !status || status.uuid !== uuid) return;
    stream.pending.shift();
    stream.journal?.acknowledged(uuid);
    clearTimeout(stream.retryTimer);
    if (isTerminal(status.state)) {
      this.#streams.delete(key);
      this.#hooks.completed(frameworkId, taskId);
    } else {
      this.#send(frameworkId, stream);
    }
  }

  /** The master is away: nothing is sent until `resume`. */
  pause(): void {
    this.#paused = true;
    for (const stream of this.#streams.values()) clearTimeout(stream.retryTimer);
  }

  /** Sends the first pending update of every task at once, also those on their way. */
  resume(): void {
    this.#paused = false;
    for (const [key, stream] of this.#streams) this.#send(key.split('\n')[0]!, stream);
  }

  /** Forgets all updates of a framework that is gone. */
  dropFramework(frameworkId: string): void {
    for (const [key, stream] of this.#streams) {
      if (!key.startsWith(`${frameworkId}\n`)) continue;
      clearTimeout(stream.retryTimer);
      this.#streams.delete(key);
    }
  }
}
