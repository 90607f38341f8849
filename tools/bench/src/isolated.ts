/** A benchmark in a process of its own, inside namespaces, where hosts can be cut off. */
import { runIsolated } from '@cotton/chaos';
import { readFile } from 'node:fs/promises';
import type { Lab } from './lab.ts';
import type { BenchResult, Measurements } from './measurement.ts';
import type { BenchOptions } from './options.ts';

/** Tells the inner process where its results are awaited. */
export const RESULT_FILE = 'COTTON_BENCH_RESULT';

/** @throws what the inner process failed with */
export async function* measureIsolated(
  bench: BenchOptions['names'][number],
  lab: Lab,
  { count, faults, rivals }: BenchOptions,
): Measurements {
  const file = await lab.folder(`${bench}.json`);
  const program = [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
  const wishes = [`--count=${count}`, `--fault=${faults.join(',')}`, ...(rivals ? ['--rivals'] : [])];
  const running = runIsolated(['env', `${RESULT_FILE}=${file}`, ...program, bench, ...wishes], lab.signal);
  // It clears up after itself; nothing goes on before it has.
  lab.defer(() => running);
  const code = await running;
  lab.signal.throwIfAborted();
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) throw new Error(`it ended with code ${code} and no result`);
  const { measurements, tables, failure } = JSON.parse(text) as BenchResult;
  yield* measurements;
  yield* tables;
  if (failure !== undefined) throw new Error(failure);
}
