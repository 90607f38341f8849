/** Changes that no record shows: the state people are told, and transactions that a member saved. */
import type { ClusterRecord, ClusterView } from '@cotton/core';
import type { NewEvent } from '../event-feed.ts';
import { eventOf } from './narrate.ts';

/** One for each cluster. What was there when it first looked is no news. */
export class ViewWatch {
  #state: string | undefined;
  #errant: Set<string> | undefined;

  /** Call when statuses are known; before, members only look absent. */
  look(record: ClusterRecord, view: ClusterView): NewEvent[] {
    return [...this.#stateEvents(record, view), ...this.#errantEvents(record, view)];
  }

  #stateEvents(record: ClusterRecord, { state, reason }: ClusterView): NewEvent[] {
    const before = this.#state;
    this.#state = state;
    if (before === undefined || before === state) return [];
    return [eventOf(record, { kind: 'state', message: `${state}: ${reason}` })];
  }

  #errantEvents(record: ClusterRecord, { members }: ClusterView): NewEvent[] {
    const saved = members.flatMap(({ id, errant }) =>
      errant.map(({ gtids, file }) => `${id} saved transactions that only it had, ${gtids}, in ${file}`),
    );
    const known = this.#errant;
    this.#errant = new Set([...(known ?? []), ...saved]);
    return saved
      .filter((text) => known && !known.has(text))
      .map((message) => eventOf(record, { kind: 'errant', message }));
  }
}
