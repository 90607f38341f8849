/** One history: a cluster forms, faults strike, it becomes quiet, and then everything must be well again. */
import type { ClusterRecord } from '@cotton/core';
import { countBallot, failOver, setDurability, setHold, viewOf } from '@cotton/core';
import { Clients, isEqual } from './clients.ts';
import type { Executor } from './executor.ts';
import { covers, formatCounts } from './counts.ts';
import { strike, type Undo } from './faults.ts';
import { type Fault, HOOK_PATIENCE_MS, type Plan, planFaults, planScript } from './plan.ts';
import { Random } from './random.ts';
import { faultWeightsOf, type Scope, type ScopeName, SCOPES } from './scope.ts';
import type { Scheduler } from './scheduler.ts';
import { shapeOf } from './shape.ts';
import { type Violation, World } from './world.ts';

export interface Outcome {
  seed: number;
  plan: Plan;
  violation: Violation | undefined;
  /** What happened, when somebody wants to read it. */
  trace: string[];
  events: number;
  acknowledged: number;
  simulatedMs: number;
}

export interface HistoryOptions {
  /** A deliberate bug; the world minds those in what is modelled. */
  trap?: string | undefined;
  scope?: ScopeName | undefined;
  /** Instead of those that the seed gives. */
  faults?: Fault[];
  isTraced?: boolean;
}

const FORMING_MS = 40_000;
const AFTER_FAULTS_MS = 4_000;
const LOOK_MS = 500;
const CONVERGED_WITHIN_MS = 180_000;
const SETTLE_MS = 1_500;
const PLAN_SALT = 0x5eed;

export function planOf(seed: number, scope: Scope = SCOPES.all): Plan {
  const random = new Random(seed + PLAN_SALT * 0x1_0000_0000);
  const shape = shapeOf(random, scope);
  const isFormed = scope.isFormed ?? random.chance(0.9);
  const told = planScript(random, scope.script ?? []);
  const faults = [...told, ...(scope.script ? [] : planFaults(random, faultWeightsOf(scope)))];
  // Whoever lost its data, or is back in a record that forgot its end, has to be given up within the history.
  if (faults.some((f) => f.kind === 'ZooKeeper restored'))
    shape.replacementTimeoutMs = Math.min(shape.replacementTimeoutMs, 60_000);
  if (faults.some((f) => f.kind === 'lose host')) shape.replacementTimeoutMs = 8_000;
  return { shape, isFormed, faults };
}

export function runHistory(seed: number, options: HistoryOptions = {}): Outcome {
  const plan = planOf(seed, SCOPES[options.scope ?? 'all']);
  if (options.faults) plan.faults = options.faults;
  const world = new World(seed, plan.shape, options.trap);
  const trace: string[] = [];
  if (options.isTraced)
    world.onNote = (atMs, text) => trace.push(`${(atMs / 1_000).toFixed(4).padStart(9)} ${text}`);
  new History(world, plan).run();
  const { violation, oracle, loop } = world;
  const { ran: events, nowMs: simulatedMs } = loop;
  return { seed, plan, violation, trace, events, acknowledged: oracle.acknowledgedCount, simulatedMs };
}

class History {
  readonly #world: World;
  readonly #plan: Plan;
  readonly #clients: Clients;
  #undos: Undo[] = [];

  constructor(world: World, plan: Plan) {
    this.#world = world;
    this.#plan = plan;
    this.#clients = new Clients(world);
  }

  run(): void {
    try {
      this.#runAll();
    } catch (error) {
      const { stack = String(error) } = error as Error;
      this.#world.fail('no exception', stack.split('\n').slice(0, 4).join(' | '));
    }
  }

  #runAll(): void {
    const { loop, random } = this.#world;
    this.#world.startScheduler(0);
    this.#world.startScheduler(1);
    if (this.#plan.isFormed) {
      this.#runUntil(FORMING_MS, () => this.#record?.formedAtMs !== null && this.#record !== undefined);
      if (this.#record?.formedAtMs === null) this.#world.fail('a cluster forms', 'it did not');
    } else this.#runFor(random.between(0, 3_000));
    this.#world.founder = this.#record?.primary?.instance ?? '';
    for (const fault of this.#plan.faults) this.#await(fault);
    this.#runFor(AFTER_FAULTS_MS);
    this.#becomeQuiet();
    const isWell = this.#runUntil(CONVERGED_WITHIN_MS, () => this.#isWell());
    // Where every volume is gone there is nothing that could become well.
    if (!isWell && this.#world.hosts.all.every((host) => host.volumes.size === 0)) return;
    if (!isWell && !this.#world.violation && !this.#goOnByForce())
      this.#world.fail('it becomes well again', this.#describe());
    this.#clients.slowDown(Infinity);
    this.#runFor(SETTLE_MS);
    this.#runUntil(SETTLE_MS, () => this.#isEqual(), 10);
    this.#runUntil(SETTLE_MS, () => this.#isDiscovered(), 10);
    if (!this.#world.violation) this.#checkEnd();
    this.#world.note(() => `ends after ${loop.ran} events`);
  }

  get #record(): ClusterRecord | undefined {
    return this.#world.zookeeper.stored?.record;
  }

  #runFor(ms: number): void {
    const { loop } = this.#world;
    loop.run(loop.nowMs + ms, () => this.#world.violation !== undefined);
  }

  #runUntil(ms: number, isDone: () => boolean, lookMs = LOOK_MS): boolean {
    const { loop } = this.#world;
    const endsAtMs = loop.nowMs + ms;
    while (loop.nowMs < endsAtMs && !this.#world.violation) {
      if (isDone()) return true;
      this.#runFor(lookMs);
    }
    return false;
  }

  #await(fault: Fault): void {
    const { loop } = this.#world;
    if (this.#world.violation) return;
    let actor = '';
    if ('afterMs' in fault.when) this.#runFor(fault.when.afterMs);
    else {
      let left = fault.when.nth;
      const { hook } = fault.when;
      this.#world.onHook = (point, who) => {
        if (point !== hook || --left !== 0) return;
        actor = who;
        this.#world.onHook = () => undefined;
        // Not within the step itself: right after it.
        loop.after(0, () => this.#strike(fault, actor));
      };
      const endsAtMs = loop.nowMs + HOOK_PATIENCE_MS;
      loop.run(endsAtMs, () => left <= 0 || this.#world.violation !== undefined);
      this.#world.onHook = () => undefined;
      if (left <= 0) return this.#runFor(0);
    }
    this.#strike(fault, actor);
  }

  #strike(fault: Fault, actor: string): void {
    strike(this.#world, fault, actor, (undo) => this.#undos.push(undo));
  }

  #becomeQuiet(): void {
    const { hosts, zookeeper } = this.#world;
    this.#world.note(() => 'QUIET');
    this.#world.isQuiet = true;
    for (const undo of this.#undos.splice(0)) undo();
    for (const host of hosts.all) hosts.powerOn(host);
    // Room for who has to be placed anew.
    hosts.add();
    if (!zookeeper.isUp) zookeeper.comeBack(false);
    this.#clients.slowDown(700);
    this.#runFor(this.#world.sessionTimeoutMs);
    this.#world.leader?.change((record) => setHold(record, false));
  }

  #isWell(): boolean {
    const { leader } = this.#world;
    const record = this.#record;
    if (!leader?.record || !record || leader.record !== record) return false;
    if (record.spec.hold) leader.change((r) => setHold(r, false));
    if (record.instances.some((i) => i.intent === 'run' && i.task?.state !== 'running')) return false;
    const known = new Set(record.instances.map((i) => i.task?.id));
    const isStray = (e: Executor): boolean => !known.has(e.names.taskId) || e.agentId !== e.host.agentId;
    if (this.#world.hosts.all.some((h) => [...h.executors].some(isStray))) return false;
    if (
      record.electorate.length !== 1 ||
      record.instances.some((i) => i.intent === 'run' && i.id in record.barred)
    )
      return false;
    return viewOf(record, leader.observe(), new Map()).state === 'HEALTHY';
  }

  /** What nobody can report any more an operator has to give up; and where nobody fits anybody, min_in_sync. */
  #goOnByForce(): boolean {
    const record = this.#record;
    const { leader } = this.#world;
    if (!leader || record?.phase !== 'electing') return false;
    if (!this.#isElectable(record, leader)) {
      this.#world.note(() => 'an operator forces the election');
      leader.change((r) => failOver(r, { to: undefined, force: true }, leader.observe()));
    } else if (
      record.spec.durability.minInSync > 0 &&
      this.#plan.faults.some((f) => f.kind === 'local write')
    ) {
      this.#world.note(() => 'an operator does without min_in_sync');
      leader.change((r) => setDurability(r, { minInSync: 0 }));
    } else return false;
    return this.#runUntil(CONVERGED_WITHIN_MS, () => this.#isWell());
  }

  #isElectable(record: ClusterRecord, leader: Scheduler): boolean {
    if (record.election?.everyone && countBallot(record, leader.observe()).kind === 'incomparable')
      return false;
    if (record.election?.everyone) {
      const ballot = countBallot(record, leader.observe());
      return (
        ballot.kind !== 'waiting' || ballot.for.every((id) => this.#world.executors.get(id)?.alive === true)
      );
    }
    return this.#world.oracle.isBoundReachable(record);
  }

  #describe(): string {
    const record = this.#record;
    const { leader } = this.#world;
    if (!record || !leader) return `no ${record ? 'leader' : 'record'}`;
    const { state, reason, members } = viewOf(record, leader.observe(), new Map());
    const all = members.map((m) => `${m.id} ${m.state} ${m.role}${m.inSync ? ' in sync' : ''}: ${m.message}`);
    return [
      `${state}: ${reason}`,
      `${record.phase} epoch ${record.epoch}, ${record.electorate.length} generations`,
      ...all,
    ].join('; ');
  }

  #isEqual(): boolean {
    const record = this.#record;
    const primary = this.#world.mysqldOf(record?.primary?.instance ?? '');
    return (record?.instances ?? []).every(({ id, intent }) => {
      const mysqld = this.#world.mysqldOf(id);
      return intent === 'remove' || (primary && mysqld && isEqual(primary, mysqld));
    });
  }

  #isDiscovered(): boolean {
    const record = this.#record;
    const { primary, replicas } = this.#world.zookeeper.discovery;
    const members = record?.instances.filter((i) => i.intent === 'run') ?? [];
    return primary?.instance === record?.primary?.instance && replicas.length === members.length - 1;
  }

  #checkEnd(): void {
    const { oracle, zookeeper } = this.#world;
    const record = this.#record;
    const id = record?.primary?.instance ?? '';
    const primary = this.#world.mysqldOf(id);
    if (!record || !primary) return this.#world.fail('a primary serves', 'there is none');
    if (!covers(primary.data.applied(), oracle.acknowledgedUpTo))
      this.#world.fail('no acknowledged write is lost', `${id} has ${formatCounts(primary.data.applied())}`);
    for (const { id: other } of record.instances.filter((i) => i.intent === 'run' && i.id !== id)) {
      const mysqld = this.#world.mysqldOf(other);
      if (!mysqld || !isEqual(primary, mysqld))
        this.#world.fail(
          'replicas equal the primary',
          `${other} has ${mysqld && formatCounts(mysqld.data.all())}, ${id} has ${formatCounts(primary.data.applied())}`,
        );
      if (mysqld && !mysqld.isReadOnly) this.#world.fail('one takes writes', other);
    }
    const { discovery } = zookeeper;
    if (!this.#isDiscovered())
      this.#world.fail(
        'discovery is right',
        JSON.stringify([discovery.primary?.instance, discovery.replicas.map((r) => r.instance)]),
      );
  }
}
