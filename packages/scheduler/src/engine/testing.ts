/** An engine over ports that remember what was asked of them. */
import type { ClusterRecord, Discovery, Status } from '@cotton/core';
import type { Offer, OfferOperation, Resource } from '@cotton/mesos';
import { resources } from '@cotton/mesos';
import type { NewEvent } from '../event-feed.ts';
import { Engine } from './engine.ts';
import type { AgentResources, StatePort, StoredCluster } from './ports.ts';
import { SecretKeeper } from './secrets.ts';

export const ROLE = 'cotton';
export const OWNER = { installation: 'this-cotton', role: ROLE, principal: 'cotton' };
export const KEY = Buffer.alloc(32, 7);

export interface Accepted {
  offerIds: string[];
  operations: OfferOperation[];
  refuseSeconds: number | undefined;
}

/** Everything outside the engine, as the engine left it; a new engine over the same world is a restarted scheduler. */
export class OutsideWorld {
  readonly stored = new Map<string, StoredCluster>();
  readonly accepted: Accepted[] = [];
  readonly declined: { offerIds: string[]; refuseSeconds: number | undefined }[] = [];
  readonly killed: string[] = [];
  readonly acknowledged: string[] = [];
  readonly reconciled: string[] = [];
  readonly discovery = new Map<string, Discovery>();
  readonly events: NewEvent[] = [];
  agents: AgentResources[] = [];
  nowMs = 1_000_000;
  /** What every primary answers. */
  obstacles: string[] = [];
  revived = 0;
  fatal: unknown;
  /** Called before each save; throw to make it fail. */
  onSave: () => void = () => {};
  /** Called before discovery is written; throw to make it fail. */
  onPublish: () => Promise<void> | void = () => {};
  /** The scheduler's ZooKeeper session is old enough. */
  absenceCounts = true;
  /** Side effects of all engines so far. */
  effects = 0;
  /** The engine that comes to this effect dies there: it does nothing more, and hears no answer. */
  death: { atEffect: number; isDone: boolean } | undefined;
  /** Told of each record that is stored. */
  onStored: (record: ClusterRecord) => void = () => {};
  /** Told of each task that is killed. */
  onKill: (taskId: string) => void = () => {};
  #life = { isOver: false };
  readonly #watchers = new Map<
    string,
    (statuses: ReadonlyMap<string, Status>, changedAtMs: ReadonlyMap<string, number>) => void
  >();

  statuses(uid: string, statuses: Status[]): void {
    this.#watchers.get(uid)?.(new Map(statuses.map((s) => [s.instance, s])), new Map());
  }

  get isDead(): boolean {
    return this.#life.isOver;
  }

  engine(): Engine {
    const silent = { debug() {}, info() {}, warn() {}, error() {} };
    const life = { isOver: false };
    this.#life = life;
    const act = (effect: () => void): boolean => this.#act(life, effect);
    return new Engine({
      state: this.#state(act),
      coordination: {
        watchStatuses: (uid, onChange) => {
          this.#watchers.set(uid, onChange);
          return () => this.#watchers.delete(uid);
        },
        connectedSinceMs: () => 0,
        absenceCounts: () => this.absenceCounts,
        publishDiscovery: async (name, discovery) => {
          await this.onPublish();
          await answered(act(() => this.discovery.set(name, discovery)));
        },
        removeDiscovery: async (name) => answered(act(() => this.discovery.delete(name))),
      },
      mesos: {
        accept: (offerIds, operations, { refuseSeconds }) =>
          void act(() => this.accepted.push({ offerIds, operations, refuseSeconds })),
        decline: (offerIds, { refuseSeconds }) =>
          void act(() => this.declined.push({ offerIds, refuseSeconds })),
        revive: () => this.revived++,
        kill: (taskId) =>
          void act(() => {
            this.onKill(taskId);
            this.killed.push(taskId);
          }),
        acknowledge: (status) => void act(() => this.acknowledged.push(status.taskId.value)),
        reconcile: (tasks) => this.reconciled.push(...tasks.map((t) => t.taskId)),
        agents: async () => this.agents,
      },
      members: { obstacles: async () => this.obstacles },
      clock: { nowMs: () => this.nowMs },
      log: silent,
      secrets: new SecretKeeper(KEY),
      owner: OWNER,
      executor: {
        command: { value: './cotton-executor', shell: true },
        sourcePrefix: undefined,
        shutdownGraceMs: 60_000,
        zk: { servers: '127.0.0.1:2181', path: '/cotton', sessionTimeoutMs: 6_000 },
        installerArgs: undefined,
      },
      timing: {
        memberSessionTimeoutMs: 6_000,
        replacementTimeoutMs: 600_000,
        electionTimeoutMs: 60_000,
      },
      heartbeatBoundMs: 3_000,
      onChange: () => {},
      onEvent: (event) => this.events.push(event),
      onFatal: (error) => (this.fatal = error),
    });
  }

  /** Whether it was done, and this engine lives to know it. */
  #act(life: { isOver: boolean }, effect: () => void): boolean {
    if (life.isOver) return false;
    life.isOver = ++this.effects === this.death?.atEffect;
    if (!life.isOver || this.death?.isDone) effect();
    return !life.isOver;
  }

  #state(act: (effect: () => void) => boolean): StatePort {
    return {
      save: async (record, _control, expected) => {
        this.onSave();
        const next = expected === null ? 0 : expected + 1;
        await answered(
          act(() => {
            const version = this.stored.get(record.uid)?.version ?? null;
            if (version !== expected) throw new Error(`expected version ${expected}, stored is ${version}`);
            this.stored.set(record.uid, { record: structuredClone(record), version: next });
            this.onStored(record);
          }),
        );
        return next;
      },
      remove: async (record) => answered(act(() => this.stored.delete(record.uid))),
    };
  }
}

/** A dead engine waits for ever. */
function answered(isAlive: boolean): Promise<void> {
  return isAlive ? Promise.resolve() : new Promise(() => {});
}

let offers = 0;

export function offerOf(agent: number, offered: Resource[] = freeResources()): Offer {
  return {
    id: { value: `O${offers++}` },
    frameworkId: { value: 'F' },
    agentId: { value: `A${agent}` },
    hostname: `host${agent}`,
    url: { scheme: 'http', address: { ip: `10.0.0.${agent}`, port: 5051 } },
    allocationInfo: { role: ROLE },
    resources: resources.allocate(offered, ROLE),
  };
}

export function freeResources(): Resource[] {
  return [
    resources.scalar('cpus', 4),
    resources.scalar('mem', 4096),
    resources.scalar('disk', 10_000),
    resources.ranges('ports', [{ begin: 31000, end: 31099 }]),
  ];
}

/** Lets everything that is under way come to rest. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}
