import type { Loop } from './loop.ts';

/** Something that can be stopped (SIGSTOP) and killed: what it was about to do then waits, or never happens. */
export class Process {
  readonly loop: Loop;
  readonly name: string;
  alive = true;
  /** When it last went on after having stood still. */
  awakeSinceMs = 0;
  /** Reasons to stand still; it goes on when none is left. */
  #stops = 0;
  #backlog: (() => void)[] = [];

  constructor(loop: Loop, name: string) {
    this.loop = loop;
    this.name = name;
  }

  get frozen(): boolean {
    return this.#stops > 0;
  }

  after(delayMs: number, run: () => void): void {
    this.loop.after(delayMs, () => this.do(run));
  }

  /** Now, or when it goes on. */
  do(run: () => void): void {
    if (!this.alive) return;
    if (this.#stops > 0) this.#backlog.push(run);
    else run();
  }

  freeze(): void {
    this.#stops++;
  }

  thaw(): void {
    if (this.#stops === 0 || --this.#stops > 0) return;
    this.awakeSinceMs = this.loop.nowMs;
    const backlog = this.#backlog.splice(0);
    for (const run of backlog) this.do(run);
  }

  kill(): void {
    this.alive = false;
    this.#backlog = [];
  }
}

/** Steps of a program: it yields how long it takes until the next one, negative: unless it is woken before. */
export type Steps<T = void> = Generator<number, T, undefined>;

/** Runs the steps of one program within a process. */
export class Fiber {
  readonly #process: Process;
  #steps: Steps | undefined;
  #turn = 0;
  #isRunning = false;
  #isWakeable = false;
  #isWoken = false;
  #interrupt: Error | undefined;

  constructor(process: Process) {
    this.#process = process;
  }

  start(steps: Steps): void {
    this.#steps = steps;
    this.#process.after(0, () => this.#advance());
  }

  /** Ends a wakeable pause; one that is not pausing skips the next such pause. */
  wake(): void {
    if (!this.#isWakeable) {
      this.#isWoken = true;
      return;
    }
    this.#isWakeable = false;
    this.#resumeAfter(0);
  }

  /** What it is at, or does next, fails with this error. */
  interrupt(error: Error): void {
    if (this.#interrupt) return;
    this.#interrupt = error;
    if (!this.#isRunning) this.#resumeAfter(0);
  }

  resetWake(): void {
    this.#isWoken = false;
  }

  forgetInterrupt(): void {
    this.#interrupt = undefined;
  }

  #resumeAfter(delayMs: number): void {
    const turn = ++this.#turn;
    this.#process.after(delayMs, () => {
      if (turn === this.#turn) this.#advance();
    });
  }

  #advance(): void {
    const steps = this.#steps;
    if (!steps) return;
    this.#isWakeable = false;
    this.#isRunning = true;
    const interrupt = this.#interrupt;
    this.#interrupt = undefined;
    const result = interrupt ? steps.throw(interrupt) : steps.next();
    this.#isRunning = false;
    if (result.done) {
      this.#steps = undefined;
      return;
    }
    if (this.#interrupt) return this.#resumeAfter(0);
    this.#pause(result.value);
  }

  #pause(value: number): void {
    if (value >= 0) return this.#resumeAfter(value);
    if (this.#isWoken) {
      this.#isWoken = false;
      return this.#resumeAfter(0);
    }
    this.#isWakeable = true;
    this.#resumeAfter(-value);
  }
}
