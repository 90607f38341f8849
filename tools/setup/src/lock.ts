import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { SetupError } from './error.ts';
import type { Progress } from './progress.ts';

const WAIT_LIMIT_SECONDS = 30 * 60;

/**
 * Runs `work` while holding an exclusive lock on `file`, across processes.
 * The lock is a kernel lock held by a child that lives as long as our end of its pipe, so a killed holder never leaves
 * a stale lock behind.
 */
export async function withLock<T>(file: string, progress: Progress, work: () => Promise<T>): Promise<T> {
  const holder = await acquire(file, progress);
  try {
    return await work();
  } finally {
    holder.stdin?.end();
    if (holder.exitCode === null) await once(holder, 'exit');
  }
}

async function acquire(file: string, progress: Progress): Promise<ChildProcess> {
  const args = ['--timeout', String(WAIT_LIMIT_SECONDS), file, 'sh', '-c', 'echo held; exec cat'];
  const holder = spawn('flock', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = setTimeout(
    () => progress('another process is preparing the same files; waiting for it'),
    1000,
  );
  try {
    // A missing flock (util-linux) rejects through 'error'; giving up on a busy lock ends the child.
    await Promise.race([
      once(holder.stdout, 'data'),
      once(holder, 'exit').then(() => Promise.reject(new Error(`not free after ${WAIT_LIMIT_SECONDS} s`))),
    ]);
    return holder;
  } catch (cause) {
    throw new SetupError(
      'lock_failed',
      `cannot lock ${file}; is util-linux's flock installed, and the folder writable?`,
      cause,
    );
  } finally {
    clearTimeout(waiting);
  }
}
