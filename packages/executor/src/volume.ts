import { hasCode, lockVolume, type VolumeLock } from '@cotton/mysql-ops';
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExecutorError } from './error.ts';

const RETRY_MS = 200;

/** The volume's real path: with filesystem/posix the sandbox holds only a link to it. @throws ExecutorError `volume_missing` */
export async function volumeIn(sandbox: string, volumePath: string): Promise<string> {
  try {
    return await realpath(resolve(sandbox, volumePath));
  } catch (cause) {
    throw new ExecutorError(
      'volume_missing',
      `${volumePath} is not in the sandbox; check the agent's isolation flags`,
      cause,
    );
  }
}

/**
 * Waits for the exclusive right to the volume. Mesos can offer a volume on which an executor of a former agent id still
 * runs; that one ends by itself when its agent refuses it.
 */
export async function waitForVolume(
  volume: string,
  onWaiting: () => void,
  signal: AbortSignal,
): Promise<VolumeLock> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await lockVolume(volume);
    } catch (error) {
      if (!hasCode(error, 'volume_in_use')) throw error;
    }
    if (attempt === 1) onWaiting();
    await sleep(RETRY_MS, undefined, { signal });
  }
}
