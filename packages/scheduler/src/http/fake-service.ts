/** A ClusterService in memory, for the tests of the HTTP side. */
import type { ClusterRecord, Observation } from '@cotton/core';
import { DEFAULT_DURABILITY, newClusterRecord, sameClusterName, viewOf } from '@cotton/core';
import { agentOffer, World } from '@cotton/core/testing';
import type {
  ChangeInput,
  ClusterEntry,
  ClusterService,
  CreateInput,
  FailoverInput,
  Outcome,
  SchedulerCounters,
  Started,
  SwitchoverInput,
} from '../cluster-service.ts';
import type { Judged } from '../engine/judgements.ts';
import { judgeChange, judgeFailover, judgeHold, judgeSwitchover } from '../engine/judgements.ts';
import { EventFeed } from '../event-feed.ts';

export class FakeService implements ClusterService {
  isLeading = true;
  isReady = true;
  leader: string | undefined = undefined;
  oversized: string | null = null;
  readonly events = new EventFeed();
  /** Thrown by the next call that changes something. */
  failure: Error | undefined;
  /** The calls that changed, or asked to change, something. */
  readonly calls: unknown[] = [];
  readonly passwords = new Map<string, string>();
  readonly #worlds: World[] = [];
  readonly #listeners = new Set<() => void>();

  leading = () => this.isLeading;
  leaderUrl = () => this.leader;
  ready = () => this.isReady;
  status = () => (this.isReady ? 'ready' : 'waits for the Mesos master');
  clusterUrl = (name: string) => `zk://127.0.0.1:2181/cotton/discover/${name}`;
  list = () => this.#worlds.map((world) => this.#entry(world));
  find = (name: string) => {
    const world = this.#world(name);
    return world && this.#entry(world);
  };
  standIn = () => true;

  async create(input: CreateInput): Promise<Outcome<{ entry: ClusterEntry; password: string }>> {
    this.#note({ create: input });
    if (!this.isReady) return { ok: false, refusal: 'not_ready' };
    const existing = this.find(input.name);
    if (existing && (!input.idempotencyKey || existing.record.requestKey !== input.idempotencyKey))
      return { ok: false, refusal: 'cluster_exists' };
    if (existing) return { ok: true, value: this.#created(existing) };
    const { name, nodes, size, user, password = 'generated' } = input;
    const record = newClusterRecord({
      uid: 'uid000000001',
      name,
      spec: {
        nodes,
        size,
        user,
        durability: { ...DEFAULT_DURABILITY, ...input.durability },
        promotion: input.promotion,
        hold: false,
      },
      sealedSecrets: 'SEALED',
      requestKey: input.idempotencyKey ?? null,
      nowMs: Date.UTC(2026, 0, 1) + this.#worlds.length,
    });
    const world = new World(nodes);
    world.record = record;
    this.#worlds.push(world);
    this.passwords.set(name.toLowerCase(), password);
    return { ok: true, value: this.#created(this.#entry(world)) };
  }

  async change(name: string, input: ChangeInput): Promise<Outcome<ClusterEntry>> {
    return this.#judged({ change: name, ...input }, name, (record) => judgeChange(record, input));
  }

  async setHold(name: string, on: boolean): Promise<Outcome<ClusterEntry>> {
    return this.#judged({ hold: name, on }, name, (record) => judgeHold(record, on));
  }

  async switchOver(name: string, input: SwitchoverInput): Promise<Outcome<Started>> {
    return this.#started(
      this.#judged({ switchOver: name, ...input }, name, (record, seen) =>
        judgeSwitchover(record, input, seen),
      ),
    );
  }

  async failOver(name: string, input: FailoverInput): Promise<Outcome<Started>> {
    return this.#started(
      this.#judged({ failOver: name, ...input }, name, (record, seen) => judgeFailover(record, input, seen)),
    );
  }

  async planSwitchover(name: string, input: SwitchoverInput): Promise<Outcome<{ from: string; to: string }>> {
    const world = this.#world(name);
    if (!world) return { ok: false, refusal: 'cluster_not_found' };
    const judged = judgeSwitchover(world.record, input, world.seen());
    if (!judged.ok) return judged;
    const { primary, switchover } = judged.record;
    return { ok: true, value: { from: primary?.instance ?? '', to: switchover?.to ?? '' } };
  }

  async delete(name: string, password: string): Promise<Outcome<ClusterEntry>> {
    this.#note({ delete: name });
    const entry = this.find(name);
    if (!entry) return { ok: false, refusal: 'cluster_not_found' };
    if (!this.passwordMatches(name, password)) return { ok: false, refusal: 'wrong_password' };
    return { ok: true, value: entry };
  }

  async deleteWithoutPassword(name: string): Promise<Outcome<ClusterEntry>> {
    this.#note({ deleteWithoutPassword: name });
    const entry = this.find(name);
    return entry ? { ok: true, value: entry } : { ok: false, refusal: 'cluster_not_found' };
  }

  passwordMatches(name: string, password: string): boolean {
    return this.passwords.get(name.toLowerCase()) === password;
  }

  counters(): SchedulerCounters {
    return {
      tasks_lost: 1,
      tasks_finished: 2,
      tasks_failed: 3,
      tasks_killed: 4,
      tasks_launched: 5,
      resource_offers: 6,
      offers_incompatible_role: 7,
      offers_unused: 8,
    };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something visible changed. */
  touch(): void {
    for (const listener of this.#listeners) listener();
  }

  #created(entry: ClusterEntry): { entry: ClusterEntry; password: string } {
    return { entry, password: this.passwords.get(entry.record.name.toLowerCase()) ?? '' };
  }

  /** The cluster has instances, and they serve. */
  serve(name: string): void {
    const world = this.#mustFind(name);
    world.decide();
    world.launch(world.record.instances.map((_, n) => agentOffer(n)));
    world.settle();
  }

  /** What goes on with the cluster comes to its end. */
  finish(name: string): void {
    this.#mustFind(name).settle();
  }

  #world(name: string): World | undefined {
    return this.#worlds.find(({ record }) => sameClusterName(record.name, name));
  }

  #mustFind(name: string): World {
    const world = this.#world(name);
    if (!world) throw new Error(`no cluster ${name}`);
    return world;
  }

  #entry(world: World): ClusterEntry {
    const view = viewOf(world.record, world.seen(), new Map());
    return { record: world.record, view, oversized: this.oversized };
  }

  #judged(
    call: object,
    name: string,
    judge: (record: ClusterRecord, seen: Observation) => Judged,
  ): Outcome<ClusterEntry> {
    this.#note(call);
    const world = this.#world(name);
    if (!world) return { ok: false, refusal: 'cluster_not_found' };
    const judged = judge(world.record, world.seen());
    if (!judged.ok) return judged;
    world.record = judged.record;
    return { ok: true, value: this.#entry(world) };
  }

  #started(outcome: Outcome<ClusterEntry>): Outcome<Started> {
    if (!outcome.ok) return outcome;
    const { election, switchover } = outcome.value.record;
    return { ok: true, value: { id: (switchover ?? election)?.id ?? '', entry: outcome.value } };
  }

  #note(call: unknown): void {
    this.calls.push(call);
    if (this.failure) throw this.failure;
  }
}
