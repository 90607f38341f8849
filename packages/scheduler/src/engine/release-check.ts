/**
 * Proof that nothing of a removed instance is left on its agent. An operation's success may go unheard (a crash, a
 * lost call), so the agent's own list of reservations decides. An agent that is away proves nothing: we wait for it.
 */
import type { ClusterRecord, Instance } from '@cotton/core';
import { awaitsRelease, showsWhatIsLeft } from '@cotton/core';
import { groupByInstance, groupKey } from '../mesos/reservation.ts';
import type { AgentResources, MesosPort } from './ports.ts';

const PERIOD_MS = 2_000;
/** While all that is waited for is on agents that are away, for weeks perhaps: the list of a large Mesos is long. */
const AWAY_PERIOD_MS = 10_000;
const AFTER_RELEASE_MS = 150;

export interface ReleaseCheckDeps {
  mesos: Pick<MesosPort, 'agents'>;
  installation: string;
  records(): ClusterRecord[];
  onReleased(clusterUid: string, instance: string): void;
  /** An agent that is there still has something of an instance: its offers may have been declined for long. */
  onLeft(): void;
  onFailure(error: unknown): void;
}

export class ReleaseCheck {
  readonly #deps: ReleaseCheckDeps;
  #timer: NodeJS.Timeout | undefined;
  #dueAtMs = Infinity;
  #closed = false;
  /** Those whose agent was not there at the last look. */
  #away = new Set<string>();

  constructor(deps: ReleaseCheckDeps) {
    this.#deps = deps;
  }

  /** A release was just sent: look soon. */
  soon(): void {
    this.#schedule(AFTER_RELEASE_MS);
  }

  /** Instances may be waiting for their release: keep looking until none does. */
  ensureRunning(): void {
    const waiting = this.#unreleased();
    const isAway = waiting.every((one) => one.instance.task || this.#away.has(keyOf(one)));
    if (waiting.length > 0) this.#schedule(isAway ? AWAY_PERIOD_MS : PERIOD_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #schedule(delayMs: number): void {
    const dueAtMs = performance.now() + delayMs;
    if (this.#closed || dueAtMs >= this.#dueAtMs) return;
    clearTimeout(this.#timer);
    this.#dueAtMs = dueAtMs;
    this.#timer = setTimeout(() => void this.#check(), delayMs);
  }

  async #check(): Promise<void> {
    this.#dueAtMs = Infinity;
    try {
      if (this.#unreleased().length > 0) this.#judge(await this.#deps.mesos.agents());
    } catch (error) {
      this.#deps.onFailure(error);
    }
    this.ensureRunning();
  }

  #judge(agents: AgentResources[]): void {
    const waiting = this.#unreleased();
    const isThere = ({ instance }: Waiting): boolean => agents.some((a) => showsWhatIsLeft(instance, a));
    this.#away = new Set(waiting.filter((one) => !isThere(one)).map(keyOf));
    for (const one of waiting.filter(isThere)) {
      const left = agents.some((a) => groupByInstance(a.resources, this.#deps.installation).has(keyOf(one)));
      if (left) this.#deps.onLeft();
      else this.#deps.onReleased(one.record.uid, one.instance.id);
    }
  }

  #unreleased(): Waiting[] {
    return this.#deps
      .records()
      .flatMap((record) => record.instances.filter(awaitsRelease).map((instance) => ({ record, instance })));
  }
}

interface Waiting {
  record: ClusterRecord;
  instance: Instance;
}

function keyOf({ record, instance }: Waiting): string {
  return groupKey({ clusterUid: record.uid, instance: instance.id });
}
