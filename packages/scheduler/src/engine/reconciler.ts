/**
 * Asks the master about every task we believe in, until each has been answered: a master that waits for its agents
 * to come back is silent, so the question is repeated with growing pauses; later it is asked again from time to time.
 * The last task of an instance that has none now is asked about, too: nothing else tells that its agent was marked gone.
 */
import type { ClusterRecord, Instance } from '@cotton/core';
import { lastTaskId } from '@cotton/core';
import type { MesosPort } from './ports.ts';

const FIRST_PAUSE_MS = 4_000;
const LONGEST_PAUSE_MS = 30_000;
const PERIOD_MS = 10 * 60_000;
/** A batch the master answers in one go. */
const BATCH = 500;

interface Question {
  taskId: string;
  agentId: string;
}

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
    this.#unanswered = new Set(this.#questions().map((q) => q.taskId));
    this.#ask(FIRST_PAUSE_MS);
  }

  /** It left, was given up or was marked gone. The master tells by itself, but only of tasks that ran there. */
  agentLost(agentId: string): void {
    this.#send(this.#questions((i) => !i.task && i.home?.agentId === agentId));
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
    const questions = this.#questions().filter((q) => this.#unanswered.has(q.taskId));
    this.#send(questions);
    this.#timer =
      questions.length > 0
        ? setTimeout(() => this.#ask(Math.min(LONGEST_PAUSE_MS, pauseMs * 2)), pauseMs)
        : setTimeout(() => this.start(), PERIOD_MS);
    this.#timer.unref();
  }

  #send(questions: Question[]): void {
    for (let i = 0; i < questions.length; i += BATCH) this.#mesos.reconcile(questions.slice(i, i + BATCH));
  }

  #questions(isAbout: (instance: Instance) => boolean = () => true): Question[] {
    return this.#records().flatMap((r) =>
      r.instances.filter(isAbout).flatMap((i) => {
        const agentId = (i.task ?? i.home)?.agentId;
        return agentId === undefined ? [] : [{ taskId: lastTaskId(r, i), agentId }];
      }),
    );
  }
}
