import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ScopeName } from './scope.ts';
import type { Violation } from './world.ts';

export interface Range {
  seed: number;
  histories: number;
  scope?: ScopeName | undefined;
  /** Name of a deliberate bug. */
  trap?: string | undefined;
}

export interface Failure extends Violation {
  seed: number;
}

export interface Tally {
  histories: number;
  acknowledged: number;
  simulatedMs: number;
  failures: Failure[];
}

/** A history takes milliseconds; one that hangs must not hang its caller. */
const PER_HISTORY_MS = 500;
const AT_LEAST_MS = 60_000;

/** Runs a range of histories on all cores. @throws when a worker dies or hangs */
export async function runMany({ seed, histories, scope, trap }: Range): Promise<Tally> {
  const workers = Math.max(1, Math.min(availableParallelism(), histories));
  const share = Math.ceil(histories / workers);
  const ranges = Array.from({ length: workers }, (_, at) => ({
    seed: seed + at * share,
    histories: Math.max(0, Math.min(share, histories - at * share)),
    scope,
    trap,
  }));
  const tallies = await Promise.all(ranges.filter((range) => range.histories > 0).map(inWorker));
  return {
    histories: tallies.reduce((sum, tally) => sum + tally.histories, 0),
    acknowledged: tallies.reduce((sum, tally) => sum + tally.acknowledged, 0),
    simulatedMs: tallies.reduce((sum, tally) => sum + tally.simulatedMs, 0),
    failures: tallies.flatMap((tally) => tally.failures),
  };
}

function inWorker(range: Range): Promise<Tally> {
  const worker = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(range)], {
    execArgv: ['--conditions=@cotton/source'],
  });
  const limitMs = Math.max(AT_LEAST_MS, range.histories * PER_HISTORY_MS);
  const timer = setTimeout(() => worker.kill('SIGKILL'), limitMs);
  return new Promise<Tally>((resolve, reject) => {
    worker.once('message', (tally) => resolve(tally as Tally));
    worker.once('error', reject);
    worker.once('exit', (code, signal) =>
      reject(new Error(`a worker (seeds from ${range.seed}) ended with ${signal ?? code}`)),
    );
  }).finally(() => clearTimeout(timer));
}
