/** What people ask for, carried out: each is answered when it is persisted. */
import type { ClusterRecord, Observation } from '@cotton/core';
import { DEFAULT_DURABILITY, deleteCluster, instanceId, newClusterRecord } from '@cotton/core';
import { StateError } from '@cotton/state';
import { createHash, randomBytes } from 'node:crypto';
import type {
  ChangeInput,
  ClusterEntry,
  CreateInput,
  FailoverInput,
  Outcome,
  Started,
  SwitchoverInput,
} from '../cluster-service.ts';
import type { ClusterKeeper } from './cluster-keeper.ts';
import type { Judged } from './judgements.ts';
import { judgeChange, judgeFailover, judgeHold, judgeSwitchover, preferencesFor } from './judgements.ts';
import type { Clock, MemberPort } from './ports.ts';
import type { SecretKeeper } from './secrets.ts';

export interface RequestDeps {
  clock: Clock;
  secrets: SecretKeeper;
  members: MemberPort;
  /** Of clusters that ask for no other. */
  heartbeatBoundMs: number;
  /** Names are compared without case. */
  find(name: string): ClusterKeeper | undefined;
  keep(stored: { record: ClusterRecord; version: null }): ClusterKeeper;
  entryOf(keeper: ClusterKeeper): ClusterEntry;
  refreshAgents(): Promise<void>;
}

const CLUSTER_UID_BYTES = 6;

export class ClusterRequests {
  readonly #deps: RequestDeps;

  constructor(deps: RequestDeps) {
    this.#deps = deps;
  }

  async create(input: CreateInput): Promise<Outcome<{ entry: ClusterEntry; password: string }>> {
    const requestKey = input.idempotencyKey === undefined ? null : hashOf(input.idempotencyKey);
    const existing = this.#deps.find(input.name);
    if (existing && (requestKey === null || existing.record.requestKey !== requestKey))
      return {
        ok: false,
        refusal: existing.record.phase === 'deleting' ? 'cluster_deleting' : 'cluster_exists',
      };
    if (existing) return { ok: true, value: this.#created(existing) };
    const unknown = preferencesFor(
      Array.from({ length: input.nodes }, (_, n) => instanceId(input.name, n)),
      input.promotion,
    );
    if (unknown) return unknown;
    const uid = newUid();
    const sealed = this.#deps.secrets.create(uid, input.password);
    const record = newClusterRecord({
      uid,
      name: input.name,
      spec: {
        nodes: input.nodes,
        size: input.size,
        user: input.user,
        durability: {
          ...DEFAULT_DURABILITY,
          heartbeatBoundMs: this.#deps.heartbeatBoundMs,
          ...input.durability,
        },
        promotion: input.promotion,
        hold: false,
      },
      sealedSecrets: sealed,
      requestKey,
      nowMs: this.#deps.clock.nowMs(),
    });
    // Kept before it is written, so that a second request for the same name is refused meanwhile.
    const keeper = this.#deps.keep({ record, version: null });
    if (!(await keeper.change((r) => r))) throw notStored();
    await this.#deps.refreshAgents();
    return { ok: true, value: this.#created(keeper) };
  }

  change(name: string, input: ChangeInput): Promise<Outcome<ClusterEntry>> {
    return this.#carryOut(name, (record) => judgeChange(record, input), this.#deps.entryOf);
  }

  setHold(name: string, on: boolean): Promise<Outcome<ClusterEntry>> {
    return this.#carryOut(name, (record) => judgeHold(record, on), this.#deps.entryOf);
  }

  async switchOver(name: string, input: SwitchoverInput): Promise<Outcome<Started>> {
    const plan = await this.planSwitchover(name, input);
    if (!plan.ok) return plan;
    return this.#carryOut(name, (record, seen) => judgeSwitchover(record, input, seen), this.#startedOf);
  }

  failOver(name: string, input: FailoverInput): Promise<Outcome<Started>> {
    return this.#carryOut(name, (record, seen) => judgeFailover(record, input, seen), this.#startedOf);
  }

  /** Asks the primary first: once it begins, one that cannot close keeps writers waiting until the deadline. */
  async planSwitchover(name: string, input: SwitchoverInput): Promise<Outcome<{ from: string; to: string }>> {
    const keeper = this.#deps.find(name);
    if (!keeper) return { ok: false, refusal: 'cluster_not_found' };
    const judged = judgeSwitchover(keeper.record, input, keeper.observe());
    if (!judged.ok) return judged;
    const { primary, switchover } = judged.record;
    const from = primary?.instance ?? '';
    const home = judged.record.instances.find((instance) => instance.id === from)?.home;
    const obstacles = home && !input.despiteObstacles ? await this.#deps.members.obstacles(home) : [];
    if (obstacles.length > 0) {
      const detail = `${from}: ${obstacles.join('; ')}. despite_obstacles begins it all the same.`;
      return { ok: false, refusal: 'switchover_refused', detail };
    }
    return { ok: true, value: { from, to: switchover?.to ?? '' } };
  }

  async delete(name: string, password: string | undefined): Promise<Outcome<ClusterEntry>> {
    const keeper = this.#deps.find(name);
    if (!keeper) return { ok: false, refusal: 'cluster_not_found' };
    if (password !== undefined && !this.#deps.secrets.checkPassword(keeper.record, password))
      return { ok: false, refusal: 'wrong_password' };
    if (!(await keeper.change(deleteCluster))) throw notStored();
    return { ok: true, value: this.#deps.entryOf(keeper) };
  }

  /** False when there is no such cluster. */
  passwordMatches(name: string, password: string): boolean {
    const keeper = this.#deps.find(name);
    return keeper !== undefined && this.#deps.secrets.checkPassword(keeper.record, password);
  }

  readonly #startedOf = (keeper: ClusterKeeper, id: string): Started => ({
    id,
    entry: this.#deps.entryOf(keeper),
  });

  /** Judged in the turn that persists it: nothing can come between. */
  async #carryOut<T>(
    name: string,
    judge: (record: ClusterRecord, seen: Observation) => Judged,
    answer: (keeper: ClusterKeeper, id: string) => T,
  ): Promise<Outcome<T>> {
    const keeper = this.#deps.find(name);
    if (!keeper) return { ok: false, refusal: 'cluster_not_found' };
    let judged: Judged | undefined;
    const persisted = await keeper.change((record, seen) => {
      judged = judge(record, seen);
      return judged.ok ? judged.record : record;
    });
    if (!persisted || !judged) throw notStored();
    return judged.ok ? { ok: true, value: answer(keeper, judged.id) } : judged;
  }

  #created(keeper: ClusterKeeper): { entry: ClusterEntry; password: string } {
    return {
      entry: this.#deps.entryOf(keeper),
      password: this.#deps.secrets.open(keeper.record).userPassword,
    };
  }
}

function newUid(): string {
  return randomBytes(CLUSTER_UID_BYTES).toString('hex');
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function notStored(): StateError {
  return new StateError(
    'unavailable',
    'it is not certain that the change was stored; look before repeating it',
  );
}
