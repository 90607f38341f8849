/** What happened to clusters, newest last, for those who follow: the last ones since this scheduler leads. */
import type { ClusterEvent } from '@cotton/api';
import { randomBytes } from 'node:crypto';

export type NewEvent = Omit<ClusterEvent, 'id' | 'at'>;

const KEPT_MAX = 2_000;

export class EventFeed {
  /** Ids of another process never pass for ours. */
  readonly #process = randomBytes(4).toString('hex');
  readonly #listeners = new Set<(event: ClusterEvent) => void>();
  #kept: ClusterEvent[] = [];
  #count = 0;

  add(event: NewEvent, nowMs: number): void {
    const added = { id: `${this.#process}-${++this.#count}`, at: new Date(nowMs).toISOString(), ...event };
    this.#kept.push(added);
    if (this.#kept.length > KEPT_MAX) this.#kept = this.#kept.slice(-KEPT_MAX / 2);
    for (const listener of this.#listeners) listener(added);
  }

  /** Those after the one with this id; undefined when it is not known here, so that some may be missing. */
  after(id: string): ClusterEvent[] | undefined {
    const [process, count] = id.split('-');
    const first = this.#count - this.#kept.length + 1;
    const next = Number(count) + 1;
    if (process !== this.#process || !(next >= first && next <= this.#count + 1)) return undefined;
    return this.#kept.slice(next - first);
  }

  subscribe(listener: (event: ClusterEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
