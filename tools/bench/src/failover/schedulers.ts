/** Who leads, asked of each scheduler by itself. */
import { until } from '@cotton/setup';
import type { SchedulerProcess } from '@cotton/start';
import { clockMs } from '../load/clock.ts';

const ASK_LIMIT_MS = 1_000;
const TAKEOVER_LIMIT_MS = 60_000;
const RUN_LIMIT_MS = 60_000;
const POLL_MS = 20;

export class Schedulers {
  readonly #all: readonly SchedulerProcess[];
  readonly #cluster: string;

  constructor(all: readonly SchedulerProcess[], cluster: string) {
    this.#all = all;
    this.#cluster = cluster;
  }

  /** A standby that is only just starting would take over later than one that waits. */
  async untilAllRun(): Promise<void> {
    const answers = async (): Promise<boolean> => {
      const all = await Promise.all(this.#all.map((one) => ask(`${one.url}/readyz`)));
      return all.every((status) => status !== undefined);
    };
    await until(answers, { limitMs: RUN_LIMIT_MS, what: 'every scheduler runs' });
  }

  /** Over when another one answers for the cluster. The killed one is started again by its supervisor. */
  async killLeader(): Promise<{ atMs: number; over: Promise<number> }> {
    const leader = await this.#leader(this.#all);
    if (!leader) throw new Error('no scheduler leads');
    const others = this.#all.filter((one) => one !== leader);
    const atMs = clockMs();
    process.kill(leader.pid, 'SIGKILL');
    const over = until(() => this.#leader(others), {
      limitMs: TAKEOVER_LIMIT_MS,
      pollMs: POLL_MS,
      what: 'another scheduler leads',
    }).then(() => clockMs() - atMs);
    return { atMs, over };
  }

  /** Standbys redirect, or have nothing to say. */
  async #leader(among: readonly SchedulerProcess[]): Promise<SchedulerProcess | undefined> {
    const answers = await Promise.all(among.map((one) => ask(`${one.url}/clusters/${this.#cluster}`)));
    return among.find((_, index) => answers[index] === 200);
  }
}

async function ask(url: string): Promise<number | undefined> {
  try {
    const signal = AbortSignal.timeout(ASK_LIMIT_MS);
    const answer = await fetch(url, { redirect: 'manual', signal });
    await answer.body?.cancel();
    return answer.status;
  } catch {
    return undefined;
  }
}
