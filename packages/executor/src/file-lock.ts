import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * Runs `work` while holding an exclusive lock on `file`; waits for whoever holds it. The kernel ties the lock to our
 * open file, so it ends with this process, however it ends.
 */
export async function withFileLock<T>(file: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const handle = await open(file, 'a', 0o600);
  try {
    await lock('--exclusive', handle.fd, file, signal);
    return await work();
  } finally {
    await handle.close();
  }
}

/**
 * Keeps a directory locked, not against others who do the same, for as long as this process lives. Whoever clears up
 * after a time, as systemd-tmpfiles does, leaves alone what somebody holds, and all that is in it. Not there: nothing
 * happens.
 */
export async function holdDirectory(directory: string, signal: AbortSignal): Promise<void> {
  let fd: number;
  try {
    fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await lock('--shared', fd, directory, signal).catch((error: unknown) => {
    closeSync(fd);
    throw error;
  });
}

/** util-linux' flock locks the open file it inherits, which is ours too, and leaves. */
async function lock(how: '--exclusive' | '--shared', fd: number, path: string, signal: AbortSignal) {
  const flock = spawn('flock', [how, '3'], { stdio: ['ignore', 'ignore', 'ignore', fd], signal });
  const [code] = (await once(flock, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`flock of ${path} ended with ${String(code)}`);
}
