/**
 * One executor: its brain is the real one (packages/executor/src/next-step.ts and what it rests on); the shell around
 * it, its files and its mysqld are modelled here and in steps.ts.
 */
import type { Control, Duty } from '@cotton/core';
import { dutyOf, isOlderControl } from '@cotton/core';
import type { InstanceNames, InstanceState, Step } from '@cotton/executor/brain';
import {
  accountsKey,
  acksOf,
  forgetLife,
  initialState,
  nextStep,
  ordered,
  statusOf,
  voterOf,
} from '@cotton/executor/brain';
import { DataDirectory } from './data.ts';
import { Heart } from './heart.ts';
import type { Host, Volume } from './hosts.ts';
import { Mysqld } from './mysqld.ts';
import { Fiber, Process, type Steps } from './process.ts';
import { perform } from './steps.ts';
import { uuidOf } from './counts.ts';
import type { World } from './world.ts';
import { ZooKeeperClient } from './zookeeper.ts';

const LOCK_POLL_MS = 200;
const LOOK_SOON_MS = 20;
const LOOK_IDLE_MS = 500;
const NO_LOOK_MS = 60_000;
const STATUS_AGAIN_MS = 200;

/** What it was doing is no longer wanted, or no longer possible. */
export class Interrupted extends Error {}

export class Executor extends Process {
  readonly world: World;
  readonly host: Host;
  readonly volume: Volume;
  readonly names: InstanceNames;
  readonly state: InstanceState = initialState();
  readonly client: ZooKeeperClient;
  readonly heart: Heart;
  readonly serverId: number;
  /** The agent that started it. */
  readonly agentId: string;
  control: Control | undefined;
  mysqld: Mysqld | null = null;
  incarnations = 0;
  /** Of the step it is at: no longer wanted. */
  isInterrupted = false;
  readonly #fiber: Fiber;
  #published = '';
  #isWriting = false;
  #isPerforming = false;
  #isShielded = false;
  #isEnding = false;
  #failures = 0;
  #hasRun = false;

  constructor(
    world: World,
    host: Host,
    volume: Volume,
    task: Pick<InstanceNames, 'taskId' | 'instance' | 'place'>,
  ) {
    super(world.loop, `executor of ${task.instance}`);
    this.world = world;
    this.host = host;
    this.agentId = host.agentId;
    this.volume = volume;
    this.names = { ...task, volumeId: volume.id, bootId: host.bootId };
    this.serverId = Number(task.instance.split('-')[1]) + 1;
    this.#fiber = new Fiber(this);
    host.executors.add(this);
    world.executors.set(task.instance, this);
    this.heart = new Heart(this);
    this.client = new ZooKeeperClient(world, this, host.index, {
      onSession: () => this.#sessionBegan(),
      // Its node may be an older one, of a restored copy.
      onReconnect: () => {
        if (world.has('old-status-stands')) return;
        this.#published = '';
        this.publish();
      },
      onControl: (control) => this.#controlChanged(control),
    });
    this.#fiber.start(this.#run());
  }

  get instance(): string {
    return this.names.instance;
  }

  get duty(): Duty {
    return dutyOf(this.control, { ...this.names, voter: voterOf(this.state, this.names) });
  }

  #sessionBegan(): void {
    // A write of its own first: a restarted executor must not act on an older control than the one before it did.
    this.client.sync();
    this.#published = '';
    this.publish();
    this.#noteRunning();
  }

  #controlChanged(control: Control | undefined): void {
    if (!control) return;
    if (this.control && isOlderControl(control, this.control)) return;
    const before = JSON.stringify(this.duty);
    this.state.generation = Math.max(this.state.generation, control.generation);
    if (control.generation !== this.control?.generation)
      this.state.pulse = ordered(this.state.pulse, this.loop.nowMs);
    this.control = control;
    if (JSON.stringify(this.duty) !== before) this.#interrupt('control changed');
    this.#fiber.wake();
  }

  #interrupt(why: string): void {
    if (!this.#isPerforming) return;
    this.isInterrupted = true;
    if (!this.#isShielded) this.#fiber.interrupt(new Interrupted(why));
  }

  /** What is done to its end, whatever control says meanwhile. */
  *shielded<T>(steps: Steps<T>): Steps<T> {
    this.#isShielded = true;
    try {
      return yield* steps;
    } finally {
      this.#isShielded = false;
    }
  }

  wake(): void {
    this.#fiber.wake();
  }

  /** Tells the world first: everything about a failover waits for this. */
  mysqldEnded(isExpected: boolean): void {
    if (!this.alive) return;
    forgetLife(this.state);
    this.publish();
    this.world.note(() => `mysqld of ${this.instance} ended`);
    if (!isExpected) this.#interrupt('mysqld ended');
    this.#fiber.wake();
  }

  /** SIGKILL. */
  killMysqld(): void {
    const { mysqld } = this;
    if (!mysqld) return;
    this.mysqld = null;
    if (this.world.has('fence-by-sigterm')) mysqld.terminate();
    else mysqld.kill();
    this.mysqldEnded(true);
  }

  publish(): void {
    if (!this.alive) return;
    const status = statusOf(this.state, this.names);
    const text = JSON.stringify(status);
    if (text === this.#published) return;
    this.#published = text;
    this.#write();
  }

  /** One write at a time; a newer status replaces one that is still on its way. */
  #write(): void {
    if (this.#isWriting || this.#published === '') return;
    this.#isWriting = true;
    const text = this.#published;
    this.client.write(
      (session) => this.world.zookeeper.setStatus(this.instance, JSON.parse(text), session),
      (isDone) => {
        this.#isWriting = false;
        if (!isDone) this.after(STATUS_AGAIN_MS, () => this.#write());
        else if (this.#published !== text) this.#write();
      },
    );
  }

  *#run(): Steps {
    const { volume, state, world } = this;
    while (volume.holder?.alive) yield LOCK_POLL_MS;
    volume.holder = this;
    if (volume.isDestroyed) return this.die('its volume is gone');
    yield world.takes(10, 200);
    const { generation } = volume.epoch;
    const known = { durableGeneration: generation, generation: Math.max(generation, state.generation) };
    Object.assign(state, volume.epoch, known, {
      mysqld: 'down',
      version: '9.7.4',
      errant: [...volume.errant],
    });
    while (!this.#isEnding) yield* this.#takeTurn();
  }

  *#takeTurn(): Steps {
    this.#fiber.resetWake();
    this.isInterrupted = false;
    const { state } = this;
    const step = nextStep(this.duty, state, accountsKey(this.control));
    state.activity = step.do === 'nothing' ? step.because : step.do;
    const isDone = step.do === 'nothing' || (yield* this.#perform(step));
    state.acks = acksOf(this.duty, state) ?? state.acks;
    if (!isDone) yield -this.world.takes(20, Math.min(1_000, 20 * 2 ** this.#failures));
    else {
      this.publish();
      this.#noteRunning();
      if (step.do === 'nothing') yield -NO_LOOK_MS;
      if (step.do === 'watch-replication') yield -(this.#isAwaited() ? LOOK_SOON_MS : LOOK_IDLE_MS);
      else yield 0.05;
    }
  }

  /** Whether the step was done, or is no longer wanted. */
  *#perform(step: Exclude<Step, { do: 'nothing' }>): Steps<boolean> {
    const { duty } = this;
    if (step.do !== 'watch-replication') {
      this.world.note(() => `${this.instance}: ${JSON.stringify(step)}`);
      this.world.hook(`before ${step.do}`, this.instance);
    }
    this.#isPerforming = true;
    try {
      yield* perform(this, step, duty);
      if (step.do !== 'watch-replication') this.world.hook(`after ${step.do}`, this.instance);
      this.#failures = 0;
      return true;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (!this.isInterrupted) this.#failures = Math.min(6, this.#failures + 1);
      this.world.note(() => `${this.instance}: ${step.do} failed: ${error.message}`);
      if (!this.isInterrupted) this.publish();
      return this.isInterrupted;
    } finally {
      this.#isPerforming = false;
      this.#fiber.forgetInterrupt();
    }
  }

  #isAwaited(): boolean {
    const { attached, caughtUp, reached } = this.state;
    const { duty } = this;
    return !attached || !caughtUp || (duty.kind === 'follow' && duty.reach !== reached);
  }

  #noteRunning(): void {
    if (this.#hasRun || this.state.mysqld !== 'serving' || !this.client.session) return;
    this.#hasRun = true;
    this.world.mesos.report(this.names.taskId, 'TASK_RUNNING');
  }

  /** A mysqld on the data there are; makes them where there are none, or only the rest of a rebuild. */
  bootMysqld(): Mysqld {
    const { volume, world, names } = this;
    if (!volume.data || volume.data.isTorn) volume.data = new DataDirectory(world.newSource());
    const bootAckCount = Math.max(1, this.control?.ackCount ?? 1);
    const life = { instance: names.instance, host: this.host.index, serverId: this.serverId, disk: volume };
    const mysqld = new Mysqld(
      world,
      volume.data,
      { ...life, incarnation: ++this.incarnations },
      bootAckCount,
    );
    this.mysqld = mysqld;
    return mysqld;
  }

  noteServing(mysqld: Mysqld): void {
    Object.assign(this.state, {
      serverUuid: uuidOf(mysqld.data.source),
      incarnation: mysqld.incarnation,
      mysqld: 'serving',
    });
  }

  /** The process is gone, and its mysqld with it (parent-death signal). */
  die(why: string): void {
    this.#die(why, false, 'TASK_FAILED');
  }

  #die(why: string, isOrderly: boolean, state: string): void {
    if (!this.alive) return;
    this.world.note(() => `executor of ${this.instance} ends: ${why}`);
    this.kill();
    this.mysqld?.kill();
    this.host.executors.delete(this);
    if (this.volume.holder === this) this.volume.holder = null;
    this.client.close(isOrderly);
    this.world.mesos.ended(this.names.taskId, state);
  }

  /** Mesos wants the task to end: closes for writes if that works in time, and kills mysqld in any case. */
  stop(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const { mysqld } = this;
    const deadline = this.loop.nowMs + 2_000;
    const look = (): void => {
      if (mysqld?.alive && !mysqld.frozen && !mysqld.tryToClose() && this.loop.nowMs < deadline)
        return this.after(20, look);
      if (mysqld?.alive && this.world.has('stop-by-sigterm')) mysqld.terminate();
      this.#die('killed by Mesos', true, 'TASK_KILLED');
    };
    this.#interrupt('the task is ending');
    this.after(1, look);
  }
}
