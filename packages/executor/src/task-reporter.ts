import type { ExecutorConnection } from '@cotton/mesos';

/** Mesos keeps status messages in its memory, so they are short. */
export const TASK_MESSAGE_MAX = 1_000;

/** What the scheduler hears of the task through Mesos. Nothing follows a terminal state. */
export class TaskReporter {
  readonly #connection: Pick<ExecutorConnection, 'update'>;
  readonly #taskId: string;
  #isRunning = false;
  #hasEnded = false;

  constructor(connection: Pick<ExecutorConnection, 'update'>, taskId: string) {
    this.#connection = connection;
    this.#taskId = taskId;
  }

  /** A phase of the start; after `running` there are none. */
  starting(phase: string): void {
    if (!this.#isRunning) this.#update('TASK_STARTING', phase);
  }

  running(): void {
    this.#isRunning = true;
    this.#update('TASK_RUNNING', 'mysqld serves', true);
  }

  killing(reason: string): void {
    this.#update('TASK_KILLING', reason);
  }

  killed(reason: string): void {
    this.#update('TASK_KILLED', reason);
    this.#hasEnded = true;
  }

  failed(reason: string): void {
    this.#update('TASK_FAILED', reason);
    this.#hasEnded = true;
  }

  #update(
    state: 'TASK_STARTING' | 'TASK_RUNNING' | 'TASK_KILLING' | 'TASK_KILLED' | 'TASK_FAILED',
    message: string,
    healthy?: boolean,
  ): void {
    if (this.#hasEnded) return;
    const status = { taskId: this.#taskId, state, message: cut(message) };
    this.#connection.update(healthy === undefined ? status : { ...status, healthy });
  }
}

/** The end says what went wrong: of what is too long, the beginning and the end are kept. */
function cut(message: string): string {
  if (message.length <= TASK_MESSAGE_MAX) return message;
  const head = Math.floor(TASK_MESSAGE_MAX / 3);
  return `${message.slice(0, head)} … ${message.slice(-(TASK_MESSAGE_MAX - head - 3))}`;
}
