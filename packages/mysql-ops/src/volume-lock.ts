import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { MysqlOpsError } from './error.ts';
import { onVolume } from './volume-errors.ts';
import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { volumeLayout } from './volume-layout.ts';

/** Exclusive right to a volume. It ends with this process, however that ends. */
export interface VolumeLock {
  release(): Promise<void>;
  /** Resolves when the lock is gone, released or not. */
  ended: Promise<void>;
}

/** What `flock --nonblock` exits with when somebody else has the lock. */
const CONFLICT = 75;

/**
 * Locks a volume against other executors: Mesos can offer one on which an old executor still runs. Node has no
 * file locks, so a child holds it, which dies with us (parent-death signal, and the end of its input).
 * @throws MysqlOpsError `volume_in_use`, `volume_read_only`, `volume_full`, `volume_unlockable`
 */
export async function lockVolume(volume: string): Promise<VolumeLock> {
  const file = volumeLayout(volume).lock;
  const created = await onVolume(volume, open(file, 'a'));
  await created.close();
  const flock = ['flock', '--nonblock', '--no-fork', '--conflict-exit-code', `${CONFLICT}`, file, 'cat'];
  const holder = spawn('setpriv', ['--pdeathsig', 'KILL', ...flock], { stdio: 'pipe' });
  const complaint = text(holder.stderr);
  const ended = new Promise<number | null>((resolve, reject) => {
    holder.once('exit', resolve);
    holder.once('error', reject);
  });
  // `cat` runs, and answers, only once the lock is held.
  holder.stdin.on('error', () => undefined);
  holder.stdin.write('locked\n');
  const code = await Promise.race([once(holder.stdout, 'data').then(() => 'locked' as const), ended]);
  if (code === CONFLICT) throw new MysqlOpsError('volume_in_use', volume);
  if (code !== 'locked')
    throw new MysqlOpsError('volume_unlockable', `${volume}: exit code ${code}: ${(await complaint).trim()}`);
  return {
    ended: ended.then(() => undefined),
    release: async () => {
      holder.stdin.end();
      await ended;
    },
  };
}
