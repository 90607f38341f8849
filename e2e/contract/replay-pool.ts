import type { Outcome } from './replay/outcome.ts';
import { replayScenario } from './replay/replay.ts';
import { Strain } from './replay/strain.ts';
import type { Target } from './target.ts';
import type { Scenario } from './trace/trace.ts';

/** Scenarios mostly wait, each has a Mesos of its own: many at a time. A given target gets one at a time. */
const AT_A_TIME = 10;
/** Its processes want to start before the next ones do. */
const STAGGER_MS = 1500;
/** A machine that lost this share of some seconds may have made a replay late. */
const BUSY_SHARE = 0.2;
const BUSY_WINDOW_MS = 5000;
/** Second tries come one by one; together they may not take longer than this. */
const SECOND_TRIES_MS = 300_000;

/** A replay that was repeated, because the machine was busy when it showed differences. */
export interface SecondTry {
  scenario: Scenario;
  busyShare: number;
  differences: string[];
}

const durationMs = ({ lines }: Scenario): number => lines.at(-1)!.t_ms;

/**
 * Replays all scenarios and hands out what they showed. What differed on a busy machine is replayed once more, alone,
 * after all others; that counts, whatever it shows. What differed on a quiet machine has been judged.
 */
export class ReplayPool {
  readonly secondTries: SecondTry[] = [];
  readonly #strain = new Strain();
  readonly #target: Target;
  readonly #outcomes = new Map<string, Promise<Outcome>>();
  readonly #firstRound: Promise<unknown>;
  #turn: Promise<unknown>;
  #leftForSecondTriesMs = SECOND_TRIES_MS;

  constructor(scenarios: Scenario[], target: Target) {
    this.#target = target;
    // The longest first, so that none is left alone at the end.
    const queue = [...scenarios].sort((a, b) => durationMs(b) - durationMs(a));
    const lanes = new Lanes(target.master ? 1 : AT_A_TIME);
    const first = queue.map((scenario) => lanes.run(() => this.#replay(scenario)));
    this.#firstRound = Promise.allSettled(first);
    this.#turn = this.#firstRound;
    queue.forEach((scenario, index) =>
      this.#outcomes.set(scenario.name, this.#settle(scenario, first[index]!)),
    );
  }

  async #replay(scenario: Scenario): Promise<Replayed> {
    const startedMs = performance.now();
    const outcome = await replayScenario(scenario, this.#target, this.#strain);
    return { outcome, busyShare: this.#strain.worstShare(startedMs, BUSY_WINDOW_MS) };
  }

  async #settle(scenario: Scenario, first: Promise<Replayed>): Promise<Outcome> {
    const { outcome, busyShare } = await first;
    const differences = outcome.allDifferences();
    if (differences.length === 0 || busyShare < BUSY_SHARE) return outcome;
    this.#leftForSecondTriesMs -= durationMs(scenario);
    if (this.#leftForSecondTriesMs < 0) return outcome;
    this.secondTries.push({ scenario, busyShare, differences });
    const again = this.#turn.then(() => this.#replay(scenario));
    this.#turn = again.catch(() => {});
    return (await again).outcome;
  }

  /** When nothing of any replay is left running. */
  async finished(): Promise<void> {
    await Promise.allSettled(this.#outcomes.values());
    this.#strain.stop();
  }

  outcome(scenario: Scenario): Promise<Outcome> {
    return this.#outcomes.get(scenario.name)!;
  }
}

interface Replayed {
  outcome: Outcome;
  busyShare: number;
}

/** Runs so many things at a time, and begins them one after the other. */
class Lanes {
  #free: number;
  #nextStartMs = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      await this.#startTime();
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  async #startTime(): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#nextStartMs);
    this.#nextStartMs = at + STAGGER_MS;
    await new Promise((resolve) => setTimeout(resolve, at - now));
  }
}
