import type { Process } from './process.ts';
import type { Session } from './zookeeper.ts';
import type { Executor } from './executor.ts';
import { Hosts } from './hosts.ts';
import { Loop } from './loop.ts';
import { Mesos } from './mesos.ts';
import type { Mysqld } from './mysqld.ts';
import { Network } from './network.ts';
import { Oracle } from './oracle.ts';
import { Random } from './random.ts';
import type { Shape } from './shape.ts';
import { Scheduler } from './scheduler.ts';
import { ZooKeeper } from './zookeeper.ts';

/** What must hold did not. */
export interface Violation {
  invariant: string;
  detail: string;
  atMs: number;
}

type Listener = (point: string, actor: string) => void;

/** Everything there is in one history. */
export class World {
  readonly loop = new Loop();
  readonly random: Random;
  readonly shape: Shape;
  readonly network: Network;
  readonly zookeeper: ZooKeeper;
  readonly hosts: Hosts;
  readonly mesos: Mesos;
  readonly oracle: Oracle;
  readonly schedulers: Scheduler[] = [];
  /** By instance: the newest one. */
  readonly executors = new Map<string, Executor>();
  violation: Violation | undefined;
  /** Told of every point at which a fault may strike. */
  onHook: Listener = () => undefined;
  /** For the trace; undefined: nobody reads one. */
  onNote: ((atMs: number, text: string) => void) | undefined;
  /** No chance of slow messages and lost acknowledgements any more. */
  isQuiet = false;
  /** The primary when the first fault struck. */
  founder = '';
  readonly #trap: string | undefined;
  readonly #acksToLose = new Map<string, number>();
  #ids = 0;
  #sources = 0;

  constructor(seed: number, shape: Shape, trap: string | undefined) {
    this.random = new Random(seed);
    this.shape = shape;
    this.#trap = trap;
    this.network = new Network(this.loop, this.random, () => this.review());
    this.zookeeper = new ZooKeeper(this);
    this.hosts = new Hosts(this, shape.hosts);
    this.mesos = new Mesos(this);
    this.oracle = new Oracle(this);
  }

  /** Whether this deliberate bug of the modelled parts is switched on. */
  has(trap: string): boolean {
    return this.#trap === trap;
  }

  newId(): number {
    return ++this.#ids;
  }

  /** Number of a server that never was. */
  newSource(): number {
    return ++this.#sources;
  }

  get sessionTimeoutMs(): number {
    return this.shape.sessionTimeoutMs;
  }

  /** A step that takes about so long. */
  takes(lowMs: number, highMs: number): number {
    return this.random.between(lowMs, highMs) * this.shape.slowness;
  }

  watchDelayMs(): number {
    const { random } = this;
    if (this.isQuiet || random.chance(0.93)) return random.between(0.5, 6);
    return random.chance(0.8) ? random.between(10, 150) : random.between(200, 2_500);
  }

  note(text: () => string): void {
    this.onNote?.(this.loop.nowMs, text());
  }

  hook(point: string, actor: string): void {
    this.onHook(point, actor);
  }

  fail(invariant: string, detail: string): void {
    this.violation ??= { invariant, detail, atMs: this.loop.nowMs };
    this.note(() => `VIOLATION of ${invariant}: ${detail}`);
  }

  mysqldOf(instance: string): Mysqld | undefined {
    const executor = this.executors.get(instance);
    return executor?.alive ? (executor.mysqld ?? undefined) : undefined;
  }

  get leader(): Scheduler | undefined {
    return this.schedulers.find((s) => s.alive && s.isLeading);
  }

  /** Connections and sessions look again at what they reach. */
  review(): void {
    this.zookeeper.review();
    this.mesos.review();
  }

  freeze(process: Process): void {
    process.freeze();
    this.zookeeper.review();
  }

  thaw(process: Process): void {
    process.thaw();
    this.zookeeper.review();
  }

  /** The client is gone without a word; its session ends by its timeout, while ZooKeeper is up to notice. */
  orphan(session: Session): void {
    this.loop.after(this.sessionTimeoutMs + this.random.between(0, 500), () => {
      if (this.zookeeper.isUp) this.zookeeper.expire(session);
      else this.orphan(session);
    });
  }

  loseAcks(instance: string, count: number): void {
    this.#acksToLose.set(instance, count);
  }

  losesAck(instance: string): boolean {
    const left = this.#acksToLose.get(instance) ?? 0;
    if (left > 0) this.#acksToLose.set(instance, left - 1);
    return left > 0 && !this.isQuiet;
  }

  startScheduler(node: number): void {
    const scheduler = new Scheduler(this, node);
    this.schedulers[node] = scheduler;
  }
}
