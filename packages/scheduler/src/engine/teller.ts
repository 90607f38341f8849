/** Tells the log and followers what happens to the clusters. */
import type { ClusterRecord, ClusterView } from '@cotton/core';
import type { NewEvent } from '../event-feed.ts';
import { eventOf, narrate } from './narrate.ts';
import type { EngineLog } from './ports.ts';
import { ViewWatch } from './view-watch.ts';

export interface TellerDeps {
  log: Pick<EngineLog, 'info'>;
  onEvent(event: NewEvent): void;
}

export class Teller {
  readonly #deps: TellerDeps;
  readonly #watches = new Map<string, ViewWatch>();

  constructor(deps: TellerDeps) {
    this.#deps = deps;
  }

  /** @param before undefined: the cluster is new */
  persisted(before: ClusterRecord | undefined, after: ClusterRecord): void {
    this.#tell(narrate(before, after));
  }

  /** Call when statuses are known; before, members only look absent. */
  looked(record: ClusterRecord, view: ClusterView): void {
    const watch = this.#watches.get(record.uid) ?? new ViewWatch();
    this.#watches.set(record.uid, watch);
    this.#tell(watch.look(record, view));
  }

  finished(record: ClusterRecord): void {
    this.#watches.delete(record.uid);
    this.#tell([eventOf(record, { kind: 'deleted', message: 'nothing of it is left' })]);
  }

  #tell(events: NewEvent[]): void {
    for (const event of events) {
      const { kind, cluster, uid, epoch, message, transition } = event;
      const steps = transition && { transition: transition.id, steps: transition.steps };
      this.#deps.log.info({ event: kind, cluster, uid, epoch, ...steps }, message);
      this.#deps.onEvent(event);
    }
  }
}
