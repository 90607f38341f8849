/**
 * One cluster under this leader: inputs mark it dirty, one turn at a time decides, persists, then acts.
 * A crash between any two steps is safe: the next scheduler reads the record and decides again.
 */
import type { ClusterRecord, Control, Decision, Kill, Observation, Status } from '@cotton/core';
import { BLOCKED_AFTER_MS, controlOf, decide, discoveryOf } from '@cotton/core';
import { randomBytes } from 'node:crypto';
import { DiscoveryPublisher } from './discovery-publisher.ts';
import type { Clock, CoordinationPort, MesosPort, StatePort } from './ports.ts';

export interface KeeperDeps {
  state: StatePort;
  coordination: CoordinationPort;
  mesos: MesosPort;
  clock: Clock;
  timing: Timing;
  /** Sealed secrets for the control document, by instance. */
  secretsFor(record: ClusterRecord): Record<string, string>;
  /** Called after every turn that changed what can be seen or wanted. */
  onChange(keeper: ClusterKeeper): void;
  /** `before` undefined: the cluster is new. */
  onPersisted(before: ClusterRecord | undefined, after: ClusterRecord): void;
  onFinished(keeper: ClusterKeeper): void;
  /** State could not be written: this scheduler is no longer the leader, or must not go on. */
  onFatal(error: unknown): void;
}

/** How long the core waits for what, by the flags. */
export type Timing = Pick<
  Observation,
  'memberSessionTimeoutMs' | 'replacementTimeoutMs' | 'electionTimeoutMs'
>;

/** May look at what is seen at the moment it is applied. */
type Change = (record: ClusterRecord, seen: Observation) => ClusterRecord;

const NONCE_BYTES = 6;

/** KILL is best effort: repeated until Mesos reports the end of the task. */
const KILL_REPEAT_MS = 5_000;
/** The master forgets a KILL whose agent is away, and answers each time that it is, for weeks perhaps. */
const KILL_REPEAT_AWAY_MS = 30_000;
/** A timer takes no more than 24 days, and looks again at once. */
const LOOK_AGAIN_MS = 3_600_000;

export class ClusterKeeper {
  record: ClusterRecord;
  /** undefined until ZooKeeper has told them for the first time: nothing seen yet is not the same as nothing there. */
  statuses: ReadonlyMap<string, Status> | undefined;
  #changedAtMs: ReadonlyMap<string, number> = new Map();
  /** Why instances wait, as placement last said. */
  waiting: ReadonlyMap<string, string> = new Map();

  readonly #deps: KeeperDeps;
  #version: number | null;
  #changes: Change[] = [];
  #turn: Promise<boolean> | undefined;
  #dirty = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #killedAtMs = new Map<string, number>();
  readonly #discovery: DiscoveryPublisher;
  readonly #stopWatching: () => void;

  /** `version` null: a new cluster, written by its first turn. */
  constructor(stored: { record: ClusterRecord; version: number | null }, deps: KeeperDeps) {
    this.record = stored.record;
    this.#version = stored.version;
    this.#deps = deps;
    this.#discovery = new DiscoveryPublisher(stored.record.name, deps.coordination, (error) =>
      this.#fail(error),
    );
    this.#stopWatching = deps.coordination.watchStatuses(stored.record.uid, (statuses, changedAtMs) => {
      this.statuses = statuses;
      this.#changedAtMs = changedAtMs;
      this.touch();
    });
  }

  /** What is seen of this cluster right now. */
  observe(): Observation {
    const connectedSinceMs = this.#deps.coordination.connectedSinceMs();
    return {
      nowMs: this.#deps.clock.nowMs(),
      nonce: randomBytes(NONCE_BYTES).toString('hex'),
      statuses: this.statuses ?? new Map(),
      fresh: new Set([...this.#changedAtMs].flatMap(([id, atMs]) => (atMs > connectedSinceMs ? [id] : []))),
      absenceCounts: this.absenceCounts,
      ...this.#deps.timing,
    };
  }

  /** All members that are up have had time to be heard. */
  get absenceCounts(): boolean {
    return this.statuses !== undefined && this.#deps.coordination.absenceCounts();
  }

  /** Something may have changed: look again soon. */
  touch(): void {
    void this.change((record) => record);
  }

  /** Applies a change in the next turn. @returns whether it was persisted and acted upon; if not, all is over here */
  change(change: Change): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    this.#changes.push(change);
    this.#dirty = true;
    return this.#startTurns();
  }

  #startTurns(): Promise<boolean> {
    this.#turn ??= this.#turns().finally(() => {
      this.#turn = undefined;
      // A change that came between the last look and here joined a row of turns that had already ended.
      if (this.#dirty && !this.#closed) void this.#startTurns();
    });
    return this.#turn;
  }

  publishAgain(): void {
    this.#discovery.wantAgain();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#stopWatching();
    this.#discovery.close();
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    this.close();
    this.#deps.onFatal(error);
  }

  async #turns(): Promise<boolean> {
    // Let inputs of the same moment join one turn.
    await Promise.resolve();
    while (this.#dirty && !this.#closed) {
      this.#dirty = false;
      try {
        await this.#takeTurn();
      } catch (error) {
        this.#fail(error);
        return false;
      }
    }
    return !this.#dirty;
  }

  async #takeTurn(): Promise<void> {
    const changes = this.#changes.splice(0);
    const seen = this.observe();
    const changed = changes.reduce((record, change) => change(record, seen), this.record);
    const decision = decide(changed, seen);
    await this.#persist(decision.record);
    if (decision.finished) return this.#finish();
    // Crash here: the record is ahead of kills and discovery; the next turn of any leader repeats both.
    this.#kill(decision.kills);
    this.#publish();
    this.#schedule(decision);
    this.#deps.onChange(this);
  }

  async #persist(next: ClusterRecord): Promise<void> {
    if (next === this.record && this.#version !== null) return;
    const control: Control = controlOf(next, this.#deps.secretsFor(next));
    const before = this.#version === null ? undefined : this.record;
    this.#version = await this.#deps.state.save(next, control, this.#version);
    this.record = next;
    this.#deps.onPersisted(before, next);
  }

  #kill(kills: Kill[]): void {
    const nowMs = this.#deps.clock.nowMs();
    for (const { taskId, agentId } of kills) {
      if (nowMs < this.#killAtMs(taskId)) continue;
      this.#killedAtMs.set(taskId, nowMs);
      this.#deps.mesos.kill(taskId, agentId);
    }
    for (const taskId of this.#killedAtMs.keys())
      if (!kills.some((k) => k.taskId === taskId)) this.#killedAtMs.delete(taskId);
  }

  /** When the next KILL of this task is due. */
  #killAtMs(taskId: string): number {
    const { task } = this.record.instances.find((i) => i.task?.id === taskId) ?? {};
    const repeatMs = task?.state === 'unreachable' ? KILL_REPEAT_AWAY_MS : KILL_REPEAT_MS;
    return (this.#killedAtMs.get(taskId) ?? -Infinity) + repeatMs;
  }

  /** Not before statuses were read: clients would lose sight of members that only we do not know yet. */
  #publish(): void {
    if (this.statuses) this.#discovery.want(discoveryOf(this.record, this.observe()));
  }

  #schedule(decision: Decision): void {
    clearTimeout(this.#timer);
    const nowMs = this.#deps.clock.nowMs();
    const repeatKill = Math.min(...decision.kills.map(({ taskId }) => this.#killAtMs(taskId)));
    const { election } = this.record;
    const blocked = election ? election.startedAtMs + BLOCKED_AFTER_MS : Infinity;
    const at = Math.min(decision.wakeAtMs ?? Infinity, repeatKill, blocked > nowMs ? blocked : Infinity);
    if (at === Infinity) return;
    this.#timer = setTimeout(() => this.touch(), Math.min(LOOK_AGAIN_MS, Math.max(10, at - nowMs)));
  }

  async #finish(): Promise<void> {
    // Discovery and control first: a crash here leaves a record that is still "deleting" and comes back to this line.
    await this.#discovery.remove();
    if (this.#version !== null) await this.#deps.state.remove(this.record, this.#version);
    this.close();
    this.#deps.onFinished(this);
  }
}
