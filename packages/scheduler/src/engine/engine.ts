/** The leading scheduler at work: Mesos events and requests go to the clusters they concern; offers to the desk. */
import type { ClusterRecord } from '@cotton/core';
import {
  applyReleased,
  applyTaskUpdate,
  concernedBy,
  fromOtherClock,
  mayBeLater,
  sameClusterName,
  viewOf,
} from '@cotton/core';
import type { Offer, TaskStatus } from '@cotton/mesos';
import type { ClusterEntry, SchedulerCounters } from '../cluster-service.ts';
import type { NewEvent } from '../event-feed.ts';
import type { Owner } from '../mesos/reservation.ts';
import type { ExecutorSettings } from '../mesos/task-info.ts';
import { AgentSizes } from './agent-sizes.ts';
import type { Timing } from './cluster-keeper.ts';
import { ClusterKeeper } from './cluster-keeper.ts';
import { ClusterRequests } from './cluster-requests.ts';
import { countOffers, countPlacement, countTaskState, newCounters } from './counters.ts';
import { Launches } from './launches.ts';
import { OfferDesk } from './offer-desk.ts';
import type {
  Clock,
  CoordinationPort,
  EngineLog,
  MemberPort,
  MesosPort,
  StatePort,
  StoredCluster,
} from './ports.ts';
import { Reconciler } from './reconciler.ts';
import { ReleaseCheck } from './release-check.ts';
import type { SecretKeeper } from './secrets.ts';
import { isLive, toTaskUpdate } from './task-update.ts';
import { Teller } from './teller.ts';

export interface EngineDeps {
  state: StatePort;
  coordination: CoordinationPort;
  mesos: MesosPort;
  members: MemberPort;
  clock: Clock;
  log: EngineLog;
  secrets: SecretKeeper;
  owner: Owner;
  executor: ExecutorSettings;
  timing: Timing;
  /** Of clusters that ask for no other. */
  heartbeatBoundMs: number;
  onChange(): void;
  onEvent(event: NewEvent): void;
  /** The engine cannot go on (state not writable, leadership lost): the process must end. */
  onFatal(error: unknown): void;
}

const ABSENCE_LOOK_MS = 250;

export class Engine {
  readonly counters: SchedulerCounters = newCounters();
  readonly requests: ClusterRequests;
  readonly #deps: EngineDeps;
  readonly #keepers = new Map<string, ClusterKeeper>();
  /** Uids of clusters that an earlier leader created. */
  readonly #loaded = new Set<string>();
  readonly #teller: Teller;
  readonly #desk: OfferDesk;
  readonly #reconciler: Reconciler;
  readonly #releases: ReleaseCheck;
  readonly #agents: AgentSizes;
  #absenceTimer: NodeJS.Timeout | undefined;
  #absenceCounted = false;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
    const { mesos, clock, log, owner, secrets, executor } = deps;
    const records = () => this.records();
    const launches = new Launches({ keepers: this.#keepers, clock, secrets, executor });
    this.#teller = new Teller(deps);
    this.#desk = new OfferDesk({
      mesos,
      clock,
      log,
      owner,
      records,
      unheard: () => new Set([...this.#loaded].filter((uid) => !this.#keepers.get(uid)?.absenceCounts)),
      launches,
      onPlaced: (placement) => {
        countPlacement(this.counters, placement);
        launches.noteWaiting(placement);
      },
      onLaunched: (count) => (this.counters.tasks_launched += count),
      onReleased: () => this.#releases.soon(),
    });
    this.#agents = new AgentSizes(mesos, log);
    this.requests = new ClusterRequests({
      clock,
      secrets,
      members: deps.members,
      heartbeatBoundMs: deps.heartbeatBoundMs,
      find: this.#keeperNamed,
      keep: (stored) => this.#keep(stored),
      entryOf: (keeper) => this.#entry(keeper),
      refreshAgents: () => this.#agents.refresh(),
    });
    this.#reconciler = new Reconciler(mesos, records);
    this.#releases = new ReleaseCheck({
      mesos,
      installation: owner.installation,
      records,
      onReleased: (uid, instance) => void this.#keepers.get(uid)?.change((r) => applyReleased(r, instance)),
      onLeft: () => this.#desk.want(),
      onFailure: (error) => log.warn({ err: error }, 'could not read the agents to check releases'),
    });
  }

  /** @throws when a record cannot be unsealed: the wrong scheduler key must stop everything, untouched */
  load(stored: readonly StoredCluster[]): void {
    for (const { record } of stored) this.#deps.secrets.open(record);
    const nowMs = this.#deps.clock.nowMs();
    for (const { record, version } of stored) {
      this.#loaded.add(record.uid);
      this.#keep({ record: fromOtherClock(record, nowMs), version }).touch();
    }
    this.#releases.ensureRunning();
    this.#absenceTimer = setInterval(() => this.#noticeAbsence(), ABSENCE_LOOK_MS);
  }

  records(): ClusterRecord[] {
    return [...this.#keepers.values()].map((k) => k.record);
  }

  list(): ClusterEntry[] {
    return [...this.#keepers.values()].map((k) => this.#entry(k));
  }

  find(name: string): ClusterEntry | undefined {
    const keeper = this.#keeperNamed(name);
    return keeper && this.#entry(keeper);
  }

  disconnected(): void {
    this.#desk.clear();
  }

  /** Subscribed with the master, for the first time or again. */
  subscribed(): void {
    this.#desk.reset();
    this.#reconciler.start();
    void this.#agents.refresh();
  }

  offers(offers: readonly Offer[]): void {
    countOffers(this.counters, offers, this.#deps.owner.role);
    this.#desk.add(offers);
  }

  rescind(offerId: string): void {
    this.#desk.rescind(offerId);
  }

  async taskUpdate(status: TaskStatus): Promise<void> {
    const update = toTaskUpdate(status);
    this.#reconciler.answered(update.taskId);
    const keeper = [...this.#keepers.values()].find((k) => concernedBy(k.record, update));
    if (keeper) {
      const fields = { cluster: keeper.record.name, task: update.taskId, state: update.state };
      this.#deps.log.info({ ...fields, reason: update.reason, message: update.message }, 'task update');
      // An update that was not persisted must come again: no acknowledgement.
      const change = (record: ClusterRecord): ClusterRecord => {
        const changed = applyTaskUpdate(record, update, this.#deps.clock.nowMs());
        // Reconciliation repeats what is known, in other words.
        if (taskStates(changed) !== taskStates(record)) countTaskState(this.counters, update.state);
        return changed;
      };
      if (!(await keeper.change(change))) return;
    } else if (isLive(update.state) && update.agentId) {
      // Adopted soon, by its status; then it will be told again: no acknowledgement.
      if (this.records().some((record) => mayBeLater(record, update.taskId))) return;
      // A task that no record knows: its launch was given up as lost, or its cluster is gone. It must not stay.
      this.#deps.log.warn(
        { task: update.taskId, state: update.state },
        'killing a task that no instance wants',
      );
      this.#deps.mesos.kill(update.taskId, update.agentId);
    }
    if (status.uuid) this.#deps.mesos.acknowledge(status);
  }

  /** Mesos' FAILURE without an executor: the agent left, was given up or was marked gone. */
  agentLost(agentId: string): void {
    this.#reconciler.agentLost(agentId);
  }

  /** ZooKeeper came back: discovery may not be what was published. */
  publishAgain(): void {
    for (const keeper of this.#keepers.values()) keeper.publishAgain();
  }

  close(): void {
    clearInterval(this.#absenceTimer);
    this.#desk.close();
    this.#reconciler.close();
    this.#releases.close();
    for (const keeper of this.#keepers.values()) keeper.close();
  }

  #keep(stored: { record: ClusterRecord; version: number | null }): ClusterKeeper {
    const { state, coordination, mesos, clock, timing, secrets } = this.#deps;
    const keeper = new ClusterKeeper(stored, {
      state,
      coordination,
      mesos,
      clock,
      timing,
      secretsFor: (record) => secrets.controlEntries(record),
      onChange: (k) => this.#changed(k),
      onPersisted: (before, after) => this.#teller.persisted(before, after),
      onFinished: (k) => this.#finished(k),
      onFatal: (error) => this.#deps.onFatal(error),
    });
    this.#keepers.set(stored.record.uid, keeper);
    return keeper;
  }

  #changed(keeper: ClusterKeeper): void {
    const wanting = keeper.record.instances.filter((i) => (i.intent === 'run' ? !i.task : !i.task && i.home));
    if (wanting.length > 0) this.#desk.want();
    this.#releases.ensureRunning();
    if (keeper.statuses) this.#teller.looked(keeper.record, this.#entry(keeper).view);
    this.#deps.onChange();
  }

  #finished(keeper: ClusterKeeper): void {
    this.#keepers.delete(keeper.record.uid);
    this.#loaded.delete(keeper.record.uid);
    this.#deps.secrets.forget(keeper.record.uid);
    this.#teller.finished(keeper.record);
    this.#deps.onChange();
  }

  #entry(keeper: ClusterKeeper): ClusterEntry {
    const { record, waiting } = keeper;
    return {
      record,
      view: viewOf(record, keeper.observe(), waiting),
      oversized: this.#agents.oversized(record.spec.size),
    };
  }

  /** No event tells that a missing status has become evidence: time does. */
  #noticeAbsence(): void {
    const counts = this.#deps.coordination.absenceCounts();
    if (counts && !this.#absenceCounted) for (const keeper of this.#keepers.values()) keeper.touch();
    this.#absenceCounted = counts;
  }

  readonly #keeperNamed = (name: string): ClusterKeeper | undefined =>
    [...this.#keepers.values()].find((k) => sameClusterName(k.record.name, name));
}

function taskStates({ instances }: ClusterRecord): string {
  return instances.map(({ task }) => task?.state ?? 'none').join();
}
