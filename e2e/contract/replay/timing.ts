import type { TraceLine } from '../trace/trace.ts';
import type { Replay } from './context.ts';

/** One allocation interval: anything that waits for one may come that much earlier or later. */
const INTERVAL_MS = 1200;
const PATIENCE_MS = 3500;
const LATE_SHARE = 0.25;
const EARLY_SHARE = 0.05;
/** What a fault brings also waits for a ping or a registration, which come at a moment of their own in every second. */
const FAULT_INTERVAL_MS = 1000;
/** ZooKeeper ends a session a third of its timeout, and a tick, earlier or later. */
const SESSION_SHARE = 0.5;
const LEAST_MS = 250;
/** A process that loses the CPU for a moment is often late by more: it has to start, or to wait for another one. */
const PATIENCE_PER_LOST = 4;
const MOST_EXTRA_MS = 30_000;
/** What an event follows from: one of the last few actions, or of the last seconds. */
const CAUSES = 5;
const CAUSES_MS = 20_000;
/** A replay that fell behind by more since an action does not tell any more what followed from it. */
const SLIP_MS = 3000;

export interface Action {
  /** Of `performance.now()`. */
  atMs: number;
  recordedMs: number;
  /** Something was done to a process. */
  isFault: boolean;
}

/** What is left of a time that begins now. */
export function within(ms: number): () => number {
  const end = performance.now() + ms;
  return () => end - performance.now();
}

/** How much longer to wait for what a line tells; asked again and again, because the machine may get slower. */
export function patience(replay: Replay, line: TraceLine): () => number {
  const { atMs, recordedMs } = replay.acted;
  const usual = atMs + (line.t_ms - recordedMs) * (1 + LATE_SHARE) + PATIENCE_MS;
  const least = performance.now() + LEAST_MS;
  return () => {
    const extra = Math.min(replay.strain.lostMs(atMs) * PATIENCE_PER_LOST, MOST_EXTRA_MS);
    return Math.max(usual + extra, least) - performance.now();
  };
}

/** Writes down that something was done which later events may follow from. */
export function acted(replay: Replay, line: TraceLine): void {
  replay.acted = { atMs: performance.now(), recordedMs: line.t_ms, isFault: line.note !== undefined };
  replay.actions.push(replay.acted);
  while (replay.actions.length > CAUSES && replay.actions[0]!.recordedMs < line.t_ms - CAUSES_MS)
    replay.actions.shift();
}

/** By how much the replay fell behind the recording since an action. */
const slipMs = ({ acted: last }: Replay, since: Action): number =>
  last.atMs - since.atMs - (last.recordedMs - since.recordedMs);

/**
 * What is wrong with the moment something came: only too early, what is late is missed. Which of the last
 * actions it follows from is not known: it must not be too early after each of them.
 */
export function tooEarly(replay: Replay, line: TraceLine, atMs: number): string[] {
  const causes = replay.actions.filter((action) => slipMs(replay, action) < SLIP_MS);
  const tolerance = INTERVAL_MS + (causes.some(({ isFault }) => isFault) ? FAULT_INTERVAL_MS : 0);
  const early = causes.every((action) => {
    const recorded = line.t_ms - action.recordedMs;
    return atMs - action.atMs < recorded * (1 - EARLY_SHARE) - tolerance;
  });
  const recorded = line.t_ms - replay.acted.recordedMs;
  return early ? [`came after ${Math.round(atMs - replay.acted.atMs)} ms, recorded ${recorded} ms`] : [];
}

/** What is wrong with the moment of a change of leader: it takes a session of ZooKeeper to end. */
export function farTooEarly(after: Action, line: TraceLine): string[] {
  const recorded = line.t_ms - after.recordedMs;
  const took = performance.now() - after.atMs;
  return took < recorded * SESSION_SHARE - INTERVAL_MS
    ? [`answered so after ${Math.round(took)} ms, recorded ${recorded} ms`]
    : [];
}
