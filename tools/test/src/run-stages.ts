import type { Stage } from './stages.ts';
import type { Tally } from './tally.ts';

export interface StageResult {
  name: string;
  /** Undefined where the stage did not run. */
  seconds: number | undefined;
  tally: Tally;
}

/** Runs the stages in order. What is not reached, after a failure or an interruption, is in the answer as not run. */
export async function runStages(
  stages: Stage[],
  signal: AbortSignal,
  announce: (name: string) => void,
): Promise<StageResult[]> {
  const results: StageResult[] = [];
  let obstacle: string | undefined;
  for (const stage of stages) {
    if (signal.aborted) obstacle ??= 'interrupted';
    if (obstacle !== undefined) {
      results.push({ name: stage.name, seconds: undefined, tally: notRun(stage.name, obstacle) });
      continue;
    }
    announce(stage.name);
    const started = performance.now();
    const tally = await stage.run(signal).catch((error: unknown) => crashed(stage.name, error));
    results.push({ name: stage.name, seconds: (performance.now() - started) / 1000, tally });
    if (stage.isNeededByTheRest && tally.failed.length > 0) obstacle = `${stage.name} failed`;
  }
  return results;
}

function notRun(name: string, obstacle: string): Tally {
  return { passed: 0, failed: [`${name}: not run, ${obstacle}`], skipped: [], unsteady: [] };
}

function crashed(name: string, error: unknown): Tally {
  return {
    passed: 0,
    failed: [`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`],
    skipped: [],
    unsteady: [],
  };
}
