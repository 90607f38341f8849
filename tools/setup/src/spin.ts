import { execa } from 'execa';
import { join } from 'node:path';
import { ownSuite, unpackDebs } from './apt.ts';
import { cachedPart } from './cache.ts';
import { SetupError } from './error.ts';
import { findOnPath } from './path.ts';
import { type Progress, stderrProgress } from './progress.ts';

const RECIPE = 1;
const PROGRAM = 'usr/bin/spin';

/** The model checker `spin` on the PATH, otherwise Debian's from the machine's own suite. */
export async function ensureSpin(progress: Progress = stderrProgress): Promise<string> {
  const program = await findOnPath('spin');
  if (program && (await isSpin(program))) return program;
  const { dir } = await cachedPart(`spin-r${RECIPE}`, progress, (scratch) => fetchSpin(scratch, progress));
  return join(dir, PROGRAM);
}

async function fetchSpin(dir: string, progress: Progress): Promise<Record<string, never>> {
  progress('fetching Spin (less than 1 MB)');
  await unpackDebs(await ownSuite(), ['spin'], (name) => name === 'spin', dir, progress);
  if (!(await isSpin(join(dir, PROGRAM))))
    throw new SetupError('unpack_failed', 'the fetched Spin does not run here');
  return {};
}

/** Other programs have that name, too. */
async function isSpin(program: string): Promise<boolean> {
  const { stdout } = await execa(program, ['-V'], { reject: false });
  return /^Spin Version [6-9]/m.test(stdout ?? '');
}
