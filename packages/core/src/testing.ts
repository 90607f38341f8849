/** A small world for the tests of this package: one cluster whose executors obey control at once. */
import type { LeadStatus, Place, Status } from './documents.ts';
import type { Decision } from './decide.ts';
import { decide } from './decide.ts';
import type { Duty } from './duty.ts';
import { dutyOf } from './duty.ts';
import type { Observation } from './evidence.ts';
import { controlOf } from './publish.ts';
import type { ClusterRecord, Home } from './record.ts';
import { DEFAULT_DURABILITY, newClusterRecord } from './record.ts';
import { applyLaunch, place } from './placement.ts';
import type { AgentOffer, Footprint } from './agent-offer.ts';
import type { TaskUpdate } from './task-life.ts';
import { applyTaskUpdate } from './task-life.ts';

const RUNNING = { agentId: null, state: 'TASK_RUNNING', reason: '', message: '', fromExecutor: true };
const UUIDS = 'aaaaaaaa-0000-4000-8000-00000000000';

export function agentOffer(n: number, over: Partial<AgentOffer> = {}): AgentOffer {
  const free: AgentOffer['free'] = { cpus: 4, memMb: 4096, diskMb: 10_000, ports: [[31000, 31099]] };
  return {
    agentId: `A${n}`,
    hostname: `host${n}`,
    address: `10.0.0.${n}:5051`,
    free,
    footprints: [],
    ...over,
  };
}

/** What an agent offers of the reservation of an instance that has ended. */
export function footprint(world: World, id: string, over: Partial<Footprint> = {}): Footprint {
  const home = world.instance(id).home;
  return {
    clusterUid: world.record.uid,
    instance: id,
    cpus: 1,
    memMb: 512,
    diskMb: 0,
    ports: home ? [home.port, home.httpPort] : [],
    volumeIds: home ? [home.volumeId] : [],
    ...over,
  };
}

export class World {
  record: ClusterRecord;
  nowMs = 1_000_000;
  readonly statuses = new Map<string, Status>();
  readonly fresh = new Set<string>();
  /** Executed transactions by instance; the tests write them. */
  readonly data = new Map<string, string>();
  /** Members that are slow to apply what they receive. */
  readonly lagging = new Set<string>();
  absenceCounts = true;
  #nonces = 0;

  constructor(nodes: number) {
    this.record = newClusterRecord({
      uid: 'aaaabbbbcccc',
      name: 'demo',
      spec: {
        nodes,
        size: { cpus: 1, memMb: 512, diskMb: 1024 },
        user: 'app',
        durability: DEFAULT_DURABILITY,
        promotion: {},
        hold: false,
      },
      sealedSecrets: '',
      requestKey: null,
      nowMs: this.nowMs,
    });
  }

  seen(): Observation {
    const { nowMs, statuses, absenceCounts } = this;
    return {
      nowMs,
      nonce: `n${++this.#nonces}`,
      statuses,
      fresh: this.fresh,
      absenceCounts,
      memberSessionTimeoutMs: 6_000,
      replacementTimeoutMs: 600_000,
      electionTimeoutMs: 60_000,
    };
  }

  decide(): Decision {
    const decision = decide(this.record, this.seen());
    this.record = decision.record;
    return decision;
  }

  /** Launches what wants to run on these agents and lets the tasks run. */
  launch(agents: AgentOffer[]): void {
    for (const launch of place([this.record], agents, this.nowMs).launches) {
      this.record = applyLaunch(this.record, launch, this.nowMs);
      this.task(launch.instance, 'TASK_RUNNING');
      this.data.set(launch.instance, this.data.get(launch.instance) ?? '');
    }
  }

  task(instance: string, state: string, fromExecutor = true): void {
    this.update(instance, { state, fromExecutor });
  }

  update(instance: string, over: Partial<TaskUpdate>): void {
    const taskId = this.instance(instance).task?.id ?? '';
    const update = { ...RUNNING, taskId, ...over };
    this.record = applyTaskUpdate(this.record, update, this.nowMs);
  }

  instance(id: string): ClusterRecord['instances'][number] {
    const instance = this.record.instances.find((i) => i.id === id);
    if (!instance) throw new Error(`no instance ${id}`);
    return instance;
  }

  /** The executor of `id` does its present duty and reports. */
  obey(id: string, over: Partial<Status> = {}): void {
    const { task, home, ordinal } = this.instance(id);
    if (!task || !home) return;
    const data = { volumeId: home.volumeId, serverUuid: `${UUIDS}${ordinal}` };
    const duty = dutyOf(controlOf(this.record, {}), {
      instance: id,
      taskId: task.id,
      voter: { instance: id, ...data, bootId: 'b' },
    });
    const { epoch, epochId } = duty.kind === 'wait' ? (this.statuses.get(id) ?? this.record) : duty;
    const idle: Status = {
      format: 1,
      instance: id,
      taskId: task.id,
      place: placeOf(home),
      data,
      bootId: 'b',
      epoch,
      epochId,
      generation: duty.generation,
      role: 'none',
      mysqld: 'serving',
      incarnation: this.statuses.get(id)?.incarnation ?? 1,
      position: this.statuses.get(id)?.position ?? null,
      replication: null,
      acks: { generation: duty.generation, on: false },
      lead: null,
      handedOver: null,
      reached: null,
      errant: [],
      version: '9.7.4',
      message: '',
    };
    const status = { ...idle, ...this.#answer(id, duty), ...over };
    const isNews = JSON.stringify(status) !== JSON.stringify(this.statuses.get(id));
    this.statuses.set(id, status);
    // While absence does not count our connection is young: what changes now, changes on it.
    if (isNews && !this.absenceCounts) this.fresh.add(id);
  }

  #answer(id: string, duty: Duty): Partial<Status> {
    const executed = this.data.get(id) ?? '';
    switch (duty.kind) {
      case 'wait':
        return {};
      case 'report':
        return { position: { epoch: duty.epoch, executed, received: '', purged: '', led: 0 } };
      case 'lead':
        return { role: 'primary', lead: this.#lead(duty) };
      case 'hand-over':
        return { handedOver: { id: duty.id, epoch: duty.epoch, executed } };
      case 'follow': {
        const { epoch, source, semiSync: on, generation, reach } = duty;
        const replication = {
          epoch,
          source: source.instance,
          attached: true,
          caughtUp: true,
          hears: true,
          lags: this.lagging.has(id),
        };
        return { role: 'replica', replication, acks: { generation, on }, reached: reach };
      }
    }
  }

  #lead({ epoch, ackCount, generation }: Extract<Duty, { kind: 'lead' }>): LeadStatus {
    return { epoch, ackCount, enforcing: generation, settled: generation, degrade: null };
  }

  /** Everybody in `ids` (default: all with a task) obeys and the scheduler decides, until nothing changes. */
  settle(ids?: string[]): void {
    for (let round = 0; round < 20; round++) {
      const before = JSON.stringify([this.record, [...this.statuses]]);
      this.decide();
      for (const i of this.record.instances) if (!ids || ids.includes(i.id)) this.obey(i.id);
      if (JSON.stringify([this.record, [...this.statuses]]) === before) return;
    }
    throw new Error('the world does not settle');
  }

  /** A cluster that serves, on as many agents as it has nodes. */
  static serving(nodes: number): World {
    const world = new World(nodes);
    world.decide();
    world.launch(Array.from({ length: nodes }, (_, n) => agentOffer(n)));
    world.settle();
    return world;
  }
}

function placeOf({ seeded: _seeded, ...place }: Home): Place {
  return place;
}
