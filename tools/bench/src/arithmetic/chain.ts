import { median } from './samples.ts';

/** When steps of a transition ended, in ms since the epoch. A step that nobody told of is not there. */
export type Milestones = Readonly<Record<string, number | undefined>>;

export interface StepTime {
  step: string;
  ms: number;
}

/**
 * How long each step took, from the end of the one before it. A step without a milestone is left out: its time is
 * part of the next one's. Clocks of logs are coarser than ours, so a step may seem to end before its predecessor:
 * it then took no time.
 */
export function stepTimes(order: readonly string[], begunMs: number, milestones: Milestones): StepTime[] {
  const times: StepTime[] = [];
  let reachedMs = begunMs;
  for (const step of order) {
    const endedMs = milestones[step];
    if (endedMs === undefined) continue;
    times.push({ step, ms: Math.max(0, endedMs - reachedMs) });
    reachedMs = Math.max(reachedMs, endedMs);
  }
  return times;
}

export interface StepSummary {
  step: string;
  median: number;
  max: number;
  /** In how many runs it was told of. */
  count: number;
}

/** The same over several runs, in the given order; a step that no run tells of is left out. */
export function summariseSteps(order: readonly string[], runs: readonly StepTime[][]): StepSummary[] {
  return order.flatMap((step) => {
    const samples = runs.flat().flatMap((time) => (time.step === step ? [time.ms] : []));
    if (samples.length === 0) return [];
    return [{ step, median: median(samples), max: Math.max(...samples), count: samples.length }];
  });
}
