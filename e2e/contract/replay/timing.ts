import type { TraceLine } from '../trace/trace.ts';
import type { Replay } from './context.ts';

/** One allocation interval: anything that waits for one may come that much earlier or later. */
const INTERVAL_MS = 1200;
const PATIENCE_MS = 3500;
const LATE_SHARE = 0.25;
const EARLY_SHARE = 0.05;
const LEAST_MS = 250;
/** How many actions an event may follow from. */
const CAUSES = 5;

/** How long to wait for what a line tells, from now. */
export function patienceMs(replay: Replay, line: TraceLine): number {
  const { atMs, recordedMs } = replay.acted;
  const latest = atMs + (line.t_ms - recordedMs) * (1 + LATE_SHARE) + PATIENCE_MS;
  return Math.max(latest - Date.now(), LEAST_MS);
}

/** Writes down that something was done which later events may follow from. */
export function acted(replay: Replay, line: TraceLine): void {
  replay.acted = { atMs: Date.now(), recordedMs: line.t_ms };
  replay.actions.push(replay.acted);
  if (replay.actions.length > CAUSES) replay.actions.shift();
}

/**
 * What is wrong with the moment something came: only too early, what is late is missed. Which of the last
 * actions it follows from is not known: it must not be too early after each of them.
 */
export function tooEarly(replay: Replay, line: TraceLine, atMs: number): string[] {
  const early = replay.actions.every((action) => {
    const recorded = line.t_ms - action.recordedMs;
    return atMs - action.atMs < recorded * (1 - EARLY_SHARE) - INTERVAL_MS;
  });
  const recorded = line.t_ms - replay.acted.recordedMs;
  return early ? [`came after ${atMs - replay.acted.atMs} ms, recorded ${recorded} ms`] : [];
}
