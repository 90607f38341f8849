import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SetupError } from './error.ts';
import { withLock } from './lock.ts';
import type { Progress } from './progress.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
const MARKER = 'cotton-part.json';

/** The folder everything fetched is kept in: `$COTTON_CACHE`, or `.cache` in the repository. */
export function cacheRoot(): string {
  return resolve(process.env['COTTON_CACHE'] || join(REPOSITORY, '.cache'));
}

export interface Part<Facts> {
  /** The part's folder. */
  dir: string;
  /** What its builder had to say about it. */
  facts: Facts;
}

/**
 * The cached part `name`, built by `build` in an empty folder when it is not there yet. `name` carries the recipe's
 * number, so that a changed recipe builds anew. A part appears under its name all at once, complete, or not at all.
 */
export async function cachedPart<Facts>(
  name: string,
  progress: Progress,
  build: (dir: string) => Promise<Facts>,
): Promise<Part<Facts>> {
  const dir = join(cacheRoot(), name);
  const ready = await readPart<Facts>(dir);
  if (ready) return ready;
  await makeCacheRoot();
  return withLock(join(cacheRoot(), `${name}.lock`), progress, async () => {
    const builtMeanwhile = await readPart<Facts>(dir);
    return builtMeanwhile ?? buildPart(dir, build);
  });
}

async function makeCacheRoot(): Promise<void> {
  try {
    await mkdir(cacheRoot(), { recursive: true });
  } catch (cause) {
    const advice = 'set COTTON_CACHE to a folder that can be written';
    throw new SetupError('cache_unusable', `cannot make the cache folder ${cacheRoot()}; ${advice}`, cause);
  }
}

async function buildPart<Facts>(dir: string, build: (dir: string) => Promise<Facts>): Promise<Part<Facts>> {
  const scratch = `${dir}.partial`; // ours alone: the lock is held; left behind by a crash, cleared by the next try
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  const facts = await build(scratch);
  await writeFile(join(scratch, MARKER), JSON.stringify(facts, null, 2));
  await rm(dir, { recursive: true, force: true });
  await rename(scratch, dir);
  return { dir, facts };
}

async function readPart<Facts>(dir: string): Promise<Part<Facts> | undefined> {
  const text = await readFile(join(dir, MARKER), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : { dir, facts: JSON.parse(text) as Facts };
}
