import { type CCompiler, ensureCCompiler, ensureSpin, type Progress } from '@cotton/setup';
import { execa } from 'execa';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ModelError } from './error.ts';

export const MODEL = resolve(import.meta.dirname, '../model');

const STEP_LIMIT_MS = 120_000;
const MEMORY_MB = { usual: 2_000, deep: 12_000 };
const FLAGS = ['SAFETY', 'NOCLAIM', 'NOFAIR', 'XUSAFE'];

/** Programs that search the model, one compilation for all scopes. */
export interface Checkers {
  usual: string;
  /** Its states also hold an old control document, for the rules that are about one. */
  withOldControl: string;
  dir: string;
}

/** Makes both in `dir`. Fetches Spin, and a compiler where there is none. */
export async function makeCheckers(
  dir: string,
  options: { deep: boolean; compiler?: CCompiler },
  progress: Progress,
): Promise<Checkers> {
  const spin = await ensureSpin(progress);
  const compiler = options.compiler ?? (await ensureCCompiler(progress));
  const memoryMb = options.deep ? MEMORY_MB.deep : MEMORY_MB.usual;
  const make = (name: string, defines: string[]): Promise<string> =>
    makeChecker({ spin, compiler, memoryMb }, join(dir, name), defines);
  const [usual, withOldControl] = await Promise.all([make('usual', []), make('old', ['OLD_CONTROL'])]);
  return { usual, withOldControl, dir };
}

interface Tools {
  spin: string;
  compiler: CCompiler;
  memoryMb: number;
}

/** Preprocess, translate to C, compile. Spin's own call of a preprocessor would want one where it was built. */
async function makeChecker(tools: Tools, dir: string, defines: string[]): Promise<string> {
  const { spin, compiler, memoryMb } = tools;
  const { program, preprocessing, linking } = compiler;
  await mkdir(dir, { recursive: true });
  const source = join(MODEL, 'failover.pml');
  const defined = defines.map((name) => `-D${name}`);
  await run(dir, program, [...preprocessing, ...defined, '-E', '-x', 'c', source, '-o', 'failover.pml']);
  await run(dir, spin, ['-Pcat', '-a', 'failover.pml']);
  const flags = [...FLAGS, `MEMLIM=${memoryMb}`].map((flag) => `-D${flag}`);
  await run(dir, program, [...linking.before, ...flags, 'pan.c', '-o', 'check', ...linking.after]);
  return join(dir, 'check');
}

async function run(cwd: string, program: string, args: string[]): Promise<void> {
  const { failed, all } = await execa(program, args, {
    cwd,
    all: true,
    reject: false,
    timeout: STEP_LIMIT_MS,
  });
  // Spin tells of errors in the model on its output, and goes on.
  if (failed || /\bError:/.test(all ?? ''))
    throw new ModelError('no_checker', `${program} ${args.join(' ')}\n${all}`);
}
