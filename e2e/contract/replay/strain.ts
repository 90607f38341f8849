import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';

const SAMPLE_MS = 250;
const PRESSURE = '/proc/pressure/cpu';
/** Enough for the longest recording and a second try. */
const MOST_SAMPLES = 4000;

interface Sample {
  atMs: number;
  /** How much of the time since the last sample was not ours to use. */
  lostMs: number;
}

/** How long, since the machine started, something that could run had to wait for a CPU. */
function stalledMs(): number | undefined {
  try {
    const [, microseconds] = /^some .*total=(\d+)/m.exec(readFileSync(PRESSURE, 'utf8')) ?? [];
    return microseconds === undefined ? undefined : Number(microseconds) / 1000;
  } catch {
    return undefined;
  }
}

/** The same from the load of the last minute, where the kernel does not tell. */
function loadShare(): number {
  const cpus = availableParallelism();
  return Math.min(1, Math.max(0, (loadavg()[0]! - cpus) / cpus));
}

/**
 * How much the machine kept everybody waiting: the reason why a target may be late without being wrong. Lost is
 * the time in which anything waited for a CPU, and the lateness of our own timer.
 */
export class Strain {
  readonly #samples: Sample[] = [];
  #last = { atMs: performance.now(), stalledMs: stalledMs() };
  readonly #timer = setInterval(() => this.#sample(), SAMPLE_MS).unref();

  #sample(): void {
    const now = performance.now();
    const elapsedMs = now - this.#last.atMs;
    const stalled = stalledMs();
    const waitedMs =
      stalled === undefined || this.#last.stalledMs === undefined
        ? elapsedMs * loadShare()
        : stalled - this.#last.stalledMs;
    this.#last = { atMs: now, stalledMs: stalled };
    const lateMs = elapsedMs - SAMPLE_MS;
    this.#samples.push({ atMs: now, lostMs: Math.max(0, Math.min(waitedMs, elapsedMs), lateMs) });
    if (this.#samples.length > MOST_SAMPLES) this.#samples.shift();
  }

  /** Milliseconds lost since a moment (of `performance.now()`). */
  lostMs(sinceMs: number): number {
    let lost = 0;
    for (let at = this.#samples.length - 1; at >= 0 && this.#samples[at]!.atMs > sinceMs; at -= 1)
      lost += this.#samples[at]!.lostMs;
    return lost;
  }

  /** The most that was lost of any `windowMs` since a moment, as a share. */
  worstShare(sinceMs: number, windowMs: number): number {
    const since = this.#samples.filter(({ atMs }) => atMs > sinceMs);
    let worst = 0;
    let sum = 0;
    let from = 0;
    for (const { atMs, lostMs } of since) {
      sum += lostMs;
      while (since[from]!.atMs <= atMs - windowMs) sum -= since[from++]!.lostMs;
      worst = Math.max(worst, sum / windowMs);
    }
    return worst;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
