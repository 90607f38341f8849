import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';

/**
 * Runs `work` while holding an exclusive lock on `file`; waits for whoever holds it. The kernel ties the lock to our
 * open file, so it ends with this process, however it ends.
 */
export async function withFileLock<T>(file: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const handle = await open(file, 'a', 0o600);
  try {
    // util-linux' flock locks the open file it inherits, which is ours too, and leaves.
    const flock = spawn('flock', ['--exclusive', '3'], {
      stdio: ['ignore', 'ignore', 'ignore', handle.fd],
      signal,
    });
    const [code] = (await once(flock, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`flock of ${file} ended with ${String(code)}`);
    return await work();
  } finally {
    await handle.close();
  }
}
