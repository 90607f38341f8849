/**
 * Asks the master about every task we believe in, until each has been answered: a master that waits for its agents
 * to come back is silent, so the question is repeated with growing pauses; later it is asked again from time to time.
 */
import type { ClusterRecord } from '@cotton/core';
import type { MesosPort } from './ports.ts';

const FIRST_PAUSE_MS = 4_000;
const LONGEST_PAUSE_MS = 30_000;
const PERIOD_MS = 10 * 60_000;
/** A batch the master answers in one go. */
const BATCH = 500;

export class Reconciler {
  readonly #mesos: MesosPort;
  readonly #records: () => ClusterRecord[];
  #unanswered = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(mesos: MesosPort, records: () => ClusterRecord[]) {
    this.#mesos = mesos;
    this.#records = records;
  }

  /** After every subscription: start over. */
  start(): void {
    this.#unanswered = new Set(this.#tasks().map((t) => t.taskId));
    this.#ask(FIRST_PAUSE_MS);
  }

  /** Any update about a task answers the question. */
  answered(taskId: string): void {
    this.#unanswered.delete(taskId);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #ask(pauseMs: number): void {
    clearTimeout(this.#timer);
    const tasks = this.#tasks().filter((t) => this.#unanswered.has(t.taskId));
    for (let i = 0; i < tasks.length; i += BATCH) this.#mesos.reconcile(tasks.slice(i, i + BATCH));
    this.#timer =
      tasks.length > 0
        ? setTimeout(() => this.#ask(Math.min(LONGEST_PAUSE_MS, pauseMs * 2)), pauseMs)
        : setTimeout(() => this.start(), PERIOD_MS);
    this.#timer.unref();
  }

  #tasks(): { taskId: string; agentId: string }[] {
    return this.#records().flatMap((r) =>
      r.instances.flatMap((i) => (i.task ? [{ taskId: i.task.id, agentId: i.task.agentId }] : [])),
    );
  }
}
