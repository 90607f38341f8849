import { execa } from 'execa';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';

/** The checkout. */
export const ROOT = resolve(import.meta.dirname, '../../..');
export const MINUTE_MS = 60_000;

const FORCE_KILL_AFTER_MS = 30_000;

export interface RunOptions {
  limitMs: number;
  signal: AbortSignal;
  env?: Record<string, string>;
  /** Of a file that is open; unless given, our own output is its too. */
  output?: Writable;
}

/** Runs a Node program from the root of the checkout; the answer is its exit code, or why it has none. */
export async function runToEnd(
  args: string[],
  { limitMs, signal, env = {}, output }: RunOptions,
): Promise<number | string> {
  // No pipe of ours: it would have to be read until the last descendant that holds it has ended.
  const to = output ?? 'inherit';
  const result = await execa(process.execPath, args, {
    cwd: ROOT,
    env,
    stdio: ['inherit', to, to],
    reject: false,
    cancelSignal: signal,
    killSignal: 'SIGINT', // lets tests take down what they started
    forceKillAfterDelay: FORCE_KILL_AFTER_MS,
    timeout: limitMs,
  });
  if (result.timedOut) return `a time-out after ${limitMs / MINUTE_MS} minutes`;
  return result.exitCode ?? result.signal ?? 'no exit code';
}
