/**
 * Outstanding offers, and their answers. Every offer is answered exactly once, within seconds: used, declined for a
 * moment while something waits, or declined for long when nothing does (new work then sends REVIVE).
 */
import type { ClusterRecord, Launch, Placement, Release } from '@cotton/core';
import { place } from '@cotton/core';
import type { Offer, OfferOperation, Resource } from '@cotton/mesos';
import type { AgentOffers } from '../mesos/offer-view.ts';
import { byAgent, toAgentOffer } from '../mesos/offer-view.ts';
import type { Footing } from '../mesos/operations.ts';
import { launchOperations, releaseOperations } from '../mesos/operations.ts';
import type { Owner } from '../mesos/reservation.ts';
import type { Launches } from './launches.ts';
import type { Clock, EngineLog, MesosPort } from './ports.ts';

const HOLD_MS = 3_000;
const DECLINE_WAITING_S = 2;
const DECLINE_IDLE_S = 3_600;

export interface DeskDeps {
  mesos: MesosPort;
  clock: Clock;
  log: EngineLog;
  owner: Owner;
  records(): ClusterRecord[];
  /** Uids of clusters whose members may not all have been heard since their record was loaded. */
  unheard(): ReadonlySet<string>;
  launches: Pick<Launches, 'commit' | 'toTask'>;
  onPlaced(placement: Placement): void;
  onLaunched(count: number): void;
  onReleased(): void;
}

export class OfferDesk {
  readonly #deps: DeskDeps;
  readonly #offers = new Map<string, { offer: Offer; sinceMs: number }>();
  #running: Promise<void> | undefined;
  #again = false;
  #timer: NodeJS.Timeout | undefined;
  #declinedForLong = false;

  constructor(deps: DeskDeps) {
    this.#deps = deps;
  }

  add(offers: readonly Offer[]): void {
    const sinceMs = this.#deps.clock.nowMs();
    for (const offer of offers) this.#offers.set(offer.id.value, { offer, sinceMs });
    this.consider();
  }

  rescind(offerId: string): void {
    this.#offers.delete(offerId);
  }

  /** The subscription ended: all its offers are void. One of them in a later ACCEPT would spoil the whole call. */
  clear(): void {
    this.#offers.clear();
  }

  /** A new subscription: filters may or may not have survived. */
  reset(): void {
    this.clear();
    this.#revive();
  }

  /** Something wants to start or to be released: ask for what was declined for long. */
  want(): void {
    if (this.#declinedForLong) this.#revive();
    this.consider();
  }

  /** Looks at all outstanding offers again; runs are serial, so that no offer is promised twice. */
  consider(): void {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // Whoever asked between the last look and here found it running.
      if (this.#again) this.consider();
    });
  }

  #revive(): void {
    this.#declinedForLong = false;
    this.#deps.mesos.revive();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#offers.clear();
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    while (this.#again) {
      this.#again = false;
      await this.#serve();
    }
  }

  async #serve(): Promise<void> {
    const { records, unheard, clock, owner, onPlaced } = this.#deps;
    const nowMs = clock.nowMs();
    const agents = byAgent([...this.#offers.values()].map((o) => o.offer));
    const placement = place(
      records(),
      agents.map((a) => toAgentOffer(a, owner.installation, nowMs)),
      nowMs,
      unheard(),
    );
    onPlaced(placement);
    for (const agent of agents) {
      const launches = placement.launches.filter((l) => l.agentId === agent.agentId);
      const releases = placement.releases.filter((r) => r.agentId === agent.agentId);
      if (launches.length + releases.length > 0) await this.#accept(agent, launches, releases, placement);
      else this.#declineUnlessHeld(agent, placement);
    }
    // What began to wait during this look may just have been declined for long.
    if (needsOffers(placement) && this.#declinedForLong) this.#revive();
    this.#wakeAt(placement);
  }

  async #accept(
    agent: AgentOffers,
    launches: Launch[],
    releases: Release[],
    placement: Placement,
  ): Promise<void> {
    // Taken off the desk before anything is awaited: these offers are answered by this ACCEPT and no other call.
    const offerIds = this.#take(agent);
    const committed: Launch[] = [];
    for (const launch of launches) if (await this.#deps.launches.commit(launch)) committed.push(launch);
    const operations = this.#operations(agent, committed, releases);
    // Crash here: the launches are persisted but never sent. Reconciliation answers TASK_UNKNOWN or TASK_GONE.
    // A launch that was overtaken by news of its instance is decided again, and needs these offers again.
    const isWanted = needsOffers(placement) || committed.length < launches.length;
    const refuseSeconds = isWanted ? DECLINE_WAITING_S : DECLINE_IDLE_S;
    this.#declinedForLong ||= refuseSeconds === DECLINE_IDLE_S;
    this.#deps.mesos.accept(offerIds, operations, { refuseSeconds });
    this.#deps.onLaunched(committed.length);
    if (releases.length > 0) this.#deps.onReleased();
  }

  #operations(agent: AgentOffers, launches: Launch[], releases: Release[]): OfferOperation[] {
    const { owner, records, log } = this.#deps;
    const released = releases.flatMap((r) => releaseOperations(r, agent.resources, owner));
    let rest: Resource[] = agent.resources;
    const launched = launches.flatMap((launch) => {
      const size = records().find((r) => r.uid === launch.clusterUid)?.spec.size;
      if (!size) return [];
      const toTask = (footing: Footing) => this.#deps.launches.toTask(launch, footing);
      const plan = launchOperations(launch, size, rest, owner, toTask);
      rest = plan.rest;
      if (plan.operations.length === 0)
        log.error({ launch: launch.taskId }, 'the offers do not hold this launch');
      return plan.operations;
    });
    return [...released, ...launched];
  }

  #declineUnlessHeld(agent: AgentOffers, placement: Placement): void {
    const oldestMs = Math.min(...agent.offers.map((o) => this.#offers.get(o.id.value)?.sinceMs ?? 0));
    if (placement.hold.has(agent.agentId) && this.#deps.clock.nowMs() - oldestMs < HOLD_MS) return;
    const waiting = needsOffers(placement);
    this.#declinedForLong ||= !waiting;
    const refuseSeconds = waiting ? DECLINE_WAITING_S : DECLINE_IDLE_S;
    this.#deps.mesos.decline(this.#take(agent), { refuseSeconds });
  }

  #take(agent: AgentOffers): string[] {
    const ids = agent.offers.map((o) => o.id.value);
    for (const id of ids) this.#offers.delete(id);
    return ids;
  }

  /** Held offers and retries need another look later. */
  #wakeAt(placement: Placement): void {
    clearTimeout(this.#timer);
    const nowMs = this.#deps.clock.nowMs();
    const held = this.#offers.size > 0 ? nowMs + HOLD_MS : Infinity;
    const at = Math.min(placement.retryAtMs ?? Infinity, held);
    if (at === Infinity) return;
    this.#timer = setTimeout(() => this.want(), Math.max(10, at - nowMs));
  }
}

/** Whether an offer that is of no use now may be of use in a moment. */
function needsOffers({ waiting, awaitsRelease }: Placement): boolean {
  return waiting.size > 0 || awaitsRelease;
}
