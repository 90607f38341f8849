import type { TraceLine } from '../trace/trace.ts';
import type { Replay } from './context.ts';

/** One allocation interval: anything that waits for one may come that much earlier or later. */
const INTERVAL_MS = 1200;
/** Below, when something came was a matter of the allocation cycle. */
const PROMPT_MS = 1600;
const PATIENCE_MS = 3500;
const SHARE = 0.25;

const recordedDelay = (replay: Replay, line: TraceLine): number => line.t_ms - replay.acted.recordedMs;

/** How long to wait for what a line tells, from now. */
export function patienceMs(replay: Replay, line: TraceLine): number {
  const delay = recordedDelay(replay, line);
  const latest = replay.acted.atMs + delay * (1 + SHARE) + PATIENCE_MS;
  return Math.max(latest - Date.now(), 250);
}

/** What is wrong with the moment something came: only too early; what is late is missed. */
export function tooEarly(replay: Replay, line: TraceLine, atMs: number): string[] {
  const recorded = recordedDelay(replay, line);
  const delay = atMs - replay.acted.atMs;
  const earliest = recorded < PROMPT_MS ? -2 * INTERVAL_MS : recorded * (1 - SHARE) - INTERVAL_MS;
  return delay < earliest ? [`came after ${delay} ms, recorded ${recorded} ms`] : [];
}
