import type { Outcome } from './replay/outcome.ts';
import { replayScenario } from './replay/replay.ts';
import type { Target } from './target.ts';
import type { Scenario } from './trace/trace.ts';

/** Scenarios mostly wait, each has a Mesos of its own: several at a time. A given target gets one at a time. */
const AT_A_TIME = 5;

/** Replays all scenarios, each once, and hands out what they showed. */
export class ReplayPool {
  readonly #outcomes = new Map<string, Promise<Outcome>>();

  constructor(scenarios: Scenario[], target: Target) {
    // The longest first, so that none is left alone at the end.
    const duration = ({ lines }: Scenario) => lines.at(-1)!.t_ms;
    const queue = [...scenarios].sort((a, b) => duration(b) - duration(a));
    const free = new Set(Array.from({ length: target.master ? 1 : AT_A_TIME }).keys());
    const waiting: ((lane: number) => void)[] = [];
    for (const scenario of queue)
      this.#outcomes.set(
        scenario.name,
        take().then((lane) => run(scenario, lane)),
      );

    function take(): Promise<number> {
      const [lane] = free;
      if (lane === undefined) return new Promise((resolve) => waiting.push(resolve));
      free.delete(lane);
      return Promise.resolve(lane);
    }
    async function run(scenario: Scenario, lane: number): Promise<Outcome> {
      try {
        return await replayScenario(scenario, target);
      } finally {
        const next = waiting.shift();
        if (next) next(lane);
        else free.add(lane);
      }
    }
  }

  /** When nothing of any replay is left running. */
  async finished(): Promise<void> {
    await Promise.allSettled(this.#outcomes.values());
  }

  outcome(scenario: Scenario): Promise<Outcome> {
    return this.#outcomes.get(scenario.name)!;
  }
}
