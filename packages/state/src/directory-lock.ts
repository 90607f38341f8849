import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { StateError } from './errors.ts';

/** What we let `flock` exit with when another process holds the lock. */
const CONFLICT = 75;

/**
 * Takes the exclusive lock on `file`, or throws StateError `locked`. Node has no file locks: util-linux' flock locks the
 * open file that it inherits from us and exits; the kernel keeps the lock as long as we have the file open, so it ends
 * with this process, however that ends.
 */
export async function lockFile(file: string): Promise<FileHandle> {
  const handle = await open(file, 'a', 0o600).catch((cause: Error) => {
    throw new StateError('io', `${file}: ${cause.message}`, { cause });
  });
  try {
    const args = ['--exclusive', '--nonblock', '--conflict-exit-code', `${CONFLICT}`, '3'];
    const flock = spawn('flock', args, { stdio: ['ignore', 'ignore', 'ignore', handle.fd] });
    const [exitCode] = (await once(flock, 'exit')) as [number | null];
    if (exitCode === 0) return handle;
    if (exitCode === CONFLICT)
      throw new StateError('locked', `${file}: another scheduler uses this state directory`);
    throw new StateError('io', `${file}: flock ended with ${exitCode}`);
  } catch (error) {
    await handle.close();
    throw error instanceof StateError
      ? error
      : new StateError('io', `${file}: flock: ${(error as Error).message}`, { cause: error });
  }
}
