import type { Stage } from './stages.ts';
import { failures, type Tally } from './tally.ts';

export interface StageResult {
  name: string;
  /** Undefined where the stage did not run. */
  seconds: number | undefined;
  tally: Tally;
}

/**
 * Runs the steps in order, the stages of each at the same time. What is not reached, after a failure or an
 * interruption, is in the answer as not run.
 */
export async function runStages(
  steps: Stage[][],
  signal: AbortSignal,
  announce: (names: string) => void,
): Promise<StageResult[]> {
  const results: StageResult[] = [];
  let obstacle: string | undefined;
  for (const stages of steps) {
    if (signal.aborted) obstacle ??= 'interrupted';
    if (obstacle !== undefined) {
      for (const { name } of stages) results.push(notRun(name, obstacle));
      continue;
    }
    announce(stages.map(({ name }) => name).join(' and '));
    const ended = await Promise.all(stages.map((stage) => runStage(stage, signal)));
    results.push(...ended);
    const failed = stages.filter(
      (stage, index) => stage.isNeededByTheRest && ended[index]?.tally.failed.length !== 0,
    );
    if (failed.length > 0) obstacle = `${failed.map(({ name }) => name).join(' and ')} failed`;
  }
  return results;
}

async function runStage(stage: Stage, signal: AbortSignal): Promise<StageResult> {
  const { name } = stage;
  const started = performance.now();
  const tally = await stage.run(signal).catch((error: unknown) => failures([`${name}: ${describe(error)}`]));
  return { name, seconds: (performance.now() - started) / 1000, tally };
}

function notRun(name: string, obstacle: string): StageResult {
  return { name, seconds: undefined, tally: failures([`${name}: not run, ${obstacle}`]) };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
