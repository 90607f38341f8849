import { readIfThere, removeDurably, writeDurably } from './durable-files.ts';
import { volumeLayout } from './volume-layout.ts';

/**
 * How far a CLONE got, kept in the volume. `cloning`: the data directory holds neither the old nor the new data for
 * sure. `cloned`: it holds the donor's data, but still under the recipient's old server UUID and with the donor's
 * replication channel.
 */
export type RebuildMark = 'cloning' | 'cloned';

export async function readRebuildMark(volume: string): Promise<RebuildMark | undefined> {
  const text = await readIfThere(volumeLayout(volume).rebuild);
  if (text === undefined) return undefined;
  return text.trim() === 'cloned' ? 'cloned' : 'cloning';
}

export async function writeRebuildMark(volume: string, mark: RebuildMark): Promise<void> {
  await writeDurably(volumeLayout(volume).rebuild, `${mark}\n`);
}

export async function clearRebuildMark(volume: string): Promise<void> {
  await removeDurably(volumeLayout(volume).rebuild);
}
