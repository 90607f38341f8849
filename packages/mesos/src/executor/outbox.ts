import type { ExecutorCallSubscribe, TaskInfo, TaskStatus } from '../wire/generated/types.ts';

/**
 * What a restarted agent must be told again: status updates it has not acknowledged, in order, and
 * tasks of which it has acknowledged no update at all (it would report those as dropped).
 */
export class Outbox {
  readonly #tasks = new Map<string, TaskInfo>();
  readonly #updates = new Map<string, TaskStatus>();
  /** Updates that neither a SUBSCRIBE nor a call of their own has carried yet. */
  #unsent: TaskStatus[] = [];
  #onEmpty: (() => void)[] = [];

  launched(task: TaskInfo): void {
    this.#tasks.set(task.taskId.value, task);
  }

  add(status: TaskStatus): void {
    this.#updates.set(key(status.uuid), status);
    this.#unsent.push(status);
  }

  /** The agent has the update safe on disk, which says nothing about the scheduler. */
  acknowledged(taskId: string, uuid: Uint8Array): void {
    this.#tasks.delete(taskId);
    this.drop(uuid);
  }

  /** Forgets an update that the agent will never take. */
  drop(uuid: Uint8Array | undefined): void {
    this.#updates.delete(key(uuid));
    if (this.#updates.size > 0) return;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  get isEmpty(): boolean {
    return this.#updates.size === 0;
  }

  /** Resolves when every update has been acknowledged. */
  emptied(): Promise<void> {
    return this.isEmpty ? Promise.resolve() : new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  /** The updates to send now, in order. */
  takeUnsent(): TaskStatus[] {
    return this.#unsent.splice(0);
  }

  /** The body of a SUBSCRIBE: everything, so that nothing is left unsent. */
  toSubscribe(): ExecutorCallSubscribe {
    this.#unsent = [];
    return {
      unacknowledgedTasks: [...this.#tasks.values()],
      unacknowledgedUpdates: [...this.#updates.values()].map((status) => ({ status })),
    };
  }
}

function key(uuid: Uint8Array | undefined): string {
  return Buffer.from(uuid ?? []).toString('hex');
}
