/**
 * The heart of the executor: one loop, one step at a time. Whatever happens (control changes, mysqld dies, time
 * passes) only wakes it; each turn looks at what control wants and what stands here, and takes the next single step.
 */
import type { Control, Duty, InstanceSecrets, Status, TaskData } from '@cotton/core';
import { DEFAULT_DURABILITY, dutyOf, isOlderControl } from '@cotton/core';
import type { Log } from '@cotton/log';
import { hasCode, type ServerEnd } from '@cotton/mysql-ops';
import { accountsKey } from './accounts.ts';
import { describeError, ExecutorError } from './error.ts';
import { forgetLife, type InstanceNames, type InstanceState, statusOf, voterOf } from './instance-state.ts';
import type { MysqldKeeper } from './mysqld-keeper.ts';
import { acksOf, nextStep, type Step } from './next-step.ts';
import { performStep } from './perform-step.ts';
import { ordered } from './pulse.ts';
import { StepTimes } from './step-times.ts';
import { Wakeable } from './wakeable.ts';

export interface ConductorParts {
  task: TaskData;
  names: InstanceNames;
  state: InstanceState;
  /** Opens this instance's sealed entry. */
  secretsIn: (control: Control) => InstanceSecrets | undefined;
  /** Must not block: a newer status replaces one that is still on its way. */
  publish: (status: Status) => void;
  /** Writes a marker, now. */
  beat: () => void;
  log: Log;
}

/** What it works on, once there is something to start. */
export interface RunningInstance {
  keeper: MysqldKeeper;
  /** The persistent volume (absolute). */
  volume: string;
}

/** How often a replica looks while somebody waits for it, and when nobody does. */
const LOOK_SOON_MS = 5;
const LOOK_LATER_MS = 100;
const LOOK_IDLE_MS = 500;
/** Nothing changes by itself; who changes it wakes. */
const NO_LOOK_MS = 60_000;
/** After this many looks in vain there is no hurry any more. */
const SOON_LOOKS = 400;
const RETRY_MIN_MS = 20;
const RETRY_MAX_MS = 1_000;

export class Conductor {
  readonly #parts: ConductorParts;
  readonly stepTimes = new StepTimes();
  readonly #wakeable = new Wakeable();
  #control: Control | undefined;
  #turn = new AbortController();
  #failures = 0;
  #looks = 0;
  #published = '';

  constructor(parts: ConductorParts) {
    this.#parts = parts;
  }

  get control(): Control | undefined {
    return this.#control;
  }

  get duty(): Duty {
    const { state, names } = this.#parts;
    return dutyOf(this.#control, { ...names, voter: voterOf(state, names) });
  }

  /** Of the electorate, while this is to be the primary. */
  get generation(): number | undefined {
    const { duty } = this;
    return duty.kind === 'lead' ? duty.generation : undefined;
  }

  get heartbeatBoundMs(): number {
    return this.#control?.heartbeatBoundMs ?? DEFAULT_DURABILITY.heartbeatBoundMs;
  }

  /** Control as it is now. That it vanished, or is an older one (a lagging or restored ZooKeeper), changes no duty. */
  controlChanged(control: Control | undefined): void {
    if (!control || (this.#control && isOlderControl(control, this.#control))) {
      const { epoch = null, generation = null } = control ?? {};
      this.#parts.log.warn({ epoch, generation }, 'control went back: ignored');
      return;
    }
    const before = JSON.stringify(this.duty);
    const { state } = this.#parts;
    state.generation = Math.max(state.generation, control.generation);
    if (control.generation !== this.#control?.generation)
      state.pulse = ordered(state.pulse, performance.now());
    if (control.epoch !== this.#control?.epoch) this.stepTimes.begin(control.epoch, performance.now());
    this.#control = control;
    if (JSON.stringify(this.duty) !== before) this.#turn.abort(new Error('control changed'));
    this.#wakeable.wake();
  }

  /** Tells the world first: everything about a failover waits for this. */
  mysqldEnded(end: ServerEnd): void {
    const { state, log } = this.#parts;
    forgetLife(state);
    if (!end.expected) state.problem = `mysqld ended (${end.signal ?? `exit code ${end.code}`})`;
    this.publish();
    log.warn({ ...end, epoch: state.epoch }, 'mysqld ended');
    if (!end.expected) this.#turn.abort(new Error('mysqld ended'));
    this.#wakeable.wake();
  }

  /** Publishes the status when it differs from the last one. */
  publish(): void {
    const status = statusOf(this.#parts.state, this.#parts.names);
    const text = JSON.stringify(status);
    if (text === this.#published) return;
    this.#published = text;
    this.#parts.publish(status);
  }

  /** Publishes the status even if nothing changed: its node went with a ZooKeeper session. */
  publishAgain(): void {
    this.#published = '';
    this.publish();
  }

  /** Works until `signal` aborts. @throws what makes it senseless to go on */
  async run(running: RunningInstance, signal: AbortSignal): Promise<void> {
    const stop = () => {
      this.#turn.abort(signal.reason);
      this.#wakeable.wake();
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      while (!signal.aborted) await this.#takeTurn(running, signal);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #takeTurn(running: RunningInstance, shutdown: AbortSignal): Promise<void> {
    this.#wakeable.reset();
    this.#turn = new AbortController();
    const { state } = this.#parts;
    const step = this.#nextStep();
    const isDone = step.do === 'nothing' || (await this.#perform(step, running, shutdown));
    state.acks = acksOf(this.duty, state) ?? state.acks;
    if (!isDone) return this.#pauseAfterFailure();
    // What it waits for next goes with what it has done: one status to write, not two.
    const next = this.#nextStep();
    if (next.do === 'nothing') state.activity = next.because;
    this.publish();
    if (step.do === 'nothing') await this.#wakeable.sleep(NO_LOOK_MS);
    if (step.do === 'watch-replication') await this.#wakeable.sleep(this.#untilNextLook());
    else this.#looks = 0;
  }

  #nextStep(): Step {
    return nextStep(this.duty, this.#parts.state, accountsKey(this.#control));
  }

  /** Whether the step was done. @throws what no repetition can mend */
  async #perform(
    step: Exclude<Step, { do: 'nothing' }>,
    running: RunningInstance,
    shutdown: AbortSignal,
  ): Promise<boolean> {
    const { state, log, secretsIn } = this.#parts;
    const control = this.#control;
    const duty = this.duty;
    const wanted = JSON.stringify(duty);
    if (step.do !== 'watch-replication') log.info({ step, epoch: state.epoch }, 'step');
    const startedAtMs = performance.now();
    try {
      await performStep(step, {
        ...this.#parts,
        ...running,
        control,
        duty,
        secrets: control && secretsIn(control),
        stillWanted: () => JSON.stringify(this.duty) === wanted && !shutdown.aborted,
        signal: this.#turn.signal,
        shutdown,
        publish: () => this.publish(),
      });
      if (step.do !== 'watch-replication') {
        state.problem = '';
        this.stepTimes.add(step.do, startedAtMs, performance.now());
      }
      this.#failures = 0;
      return true;
    } catch (error) {
      if (isHopeless(error) && !shutdown.aborted) throw error;
      // Closing it has failed half-way. A restart comes up closed.
      if (hasCode(error, 'not_read_only')) running.keeper.killWithoutWaiting();
      if (!this.#turn.signal.aborted) this.#noteFailure(step, error);
      return this.#turn.signal.aborted;
    }
  }

  #noteFailure(step: Step, error: unknown): void {
    const { state, log } = this.#parts;
    this.#failures++;
    state.problem = describeError(error);
    log.warn({ step, err: error, failures: this.#failures }, 'step failed');
    this.publish();
  }

  async #pauseAfterFailure(): Promise<void> {
    await this.#wakeable.sleep(Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(this.#failures, 10)));
  }

  #untilNextLook(): number {
    const { attached, caughtUp, reached } = this.#parts.state;
    const { duty } = this;
    const isAwaited = duty.kind === 'follow' && duty.reach !== reached;
    if (attached && caughtUp && !isAwaited) return LOOK_IDLE_MS;
    return this.#looks++ < SOON_LOOKS ? LOOK_SOON_MS : LOOK_LATER_MS;
  }
}

/** What will be the same however often it is tried: the task has to fail, with this as its message. */
function isHopeless(error: unknown): boolean {
  if (error instanceof ExecutorError) return error.code === 'mysqld_keeps_failing';
  return hasCode(
    error,
    'config_refused',
    'memory_too_small',
    'mysql_unsuitable',
    'installation_invalid',
    'volume_read_only',
    'volume_foreign',
  );
}
