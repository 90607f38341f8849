import { execa } from 'execa';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ownSuite, unpackDebs } from './apt.ts';
import { cachedPart } from './cache.ts';
import { SetupError } from './error.ts';
import { findOnPath } from './path.ts';
import { type Progress, stderrProgress } from './progress.ts';
import { listTree, prune, relinkAbsolute } from './tree.ts';

const RECIPE = 1;
const TRIAL = '#include <stdio.h>\n#include <stdlib.h>\nint main(void) { return puts("compiled") < 0; }\n';

export interface CCompiler {
  program: string;
  /** Arguments before those of a preprocessor's run: `-E`, source and output follow. */
  preprocessing: string[];
  /** Arguments before and after source and output of a program that needs nothing but the C library. */
  linking: { before: string[]; after: string[] };
}

/** The machine's `cc` where it can make a program, otherwise a small compiler fetched for this. */
export async function ensureCCompiler(progress: Progress = stderrProgress): Promise<CCompiler> {
  const program = await findOnPath('cc');
  const found = program && { program, preprocessing: [], linking: { before: ['-O1', '-w'], after: [] } };
  if (found && (await compiles(found))) return found;
  return ensureTinyC(progress);
}

/** Debian's Tiny C Compiler with the C library's headers, from the machine's own suite: a compiler in 5 MB. */
export async function ensureTinyC(progress: Progress = stderrProgress): Promise<CCompiler> {
  const { dir, facts } = await cachedPart(`tcc-r${RECIPE}`, progress, (scratch) =>
    fetchTinyC(scratch, progress),
  );
  return tinyCAt(dir, facts);
}

interface TinyCFacts {
  /** The folder of start files and libraries, such as usr/lib/x86_64-linux-gnu. */
  libraries: string;
  /** The machine's own C library: it is of the same suite. */
  libc: string;
}

async function fetchTinyC(dir: string, progress: Progress): Promise<TinyCFacts> {
  progress('fetching a C compiler (about 5 MB)');
  const keep = (name: string) => /^(tcc|libtcc.*|libc6-dev|linux-libc-dev)$/.test(name);
  await unpackDebs(await ownSuite(), ['tcc', 'libc6-dev'], keep, dir, progress);
  await relinkAbsolute(dir);
  const start = (await listTree(dir)).find((path) => /^usr\/lib\/[^/]+\/crt1\.o$/.test(path));
  if (!start) throw new SetupError('unpack_failed', 'the package libc6-dev has no crt1.o');
  const libraries = dirname(start);
  const script = await readFile(join(dir, libraries, 'libc.so'), 'utf8');
  const facts = { libraries, libc: /\S+\/libc\.so\.\d+/.exec(script)?.[0] ?? '' };
  await prune(dir, (path) => isWanted(path, libraries));
  if (!(await compiles(tinyCAt(dir, facts))))
    throw new SetupError(
      'unpack_failed',
      'the fetched C compiler does not work here; install "gcc libc6-dev"',
    );
  return facts;
}

function isWanted(path: string, libraries: string): boolean {
  if (dirname(path) === libraries) return /^(crt[1in]\.o|libc_nonshared\.a|.*tcc.*)$/.test(basename(path));
  return !path.startsWith('usr/share/') || path.endsWith('/copyright');
}

/** It looks for everything where a Debian machine would have it installed, so each part is named. */
function tinyCAt(dir: string, { libraries, libc }: TinyCFacts): CCompiler {
  const at = (...path: string[]): string => join(dir, libraries, ...path);
  const include = join(dir, 'usr/include');
  const headers = [at('tcc/include'), join(include, basename(libraries)), include].map((path) => `-I${path}`);
  const preprocessing = [`-B${at('tcc')}`, '-nostdinc', ...headers];
  return {
    program: join(dir, 'usr/bin/tcc'),
    preprocessing,
    linking: {
      before: [...preprocessing, '-w', '-nostdlib', at('crt1.o'), at('crti.o')],
      after: [libc, at('libc_nonshared.a'), at('tcc/libtcc1.a'), at('crtn.o')],
    },
  };
}

async function compiles({ program, linking }: CCompiler): Promise<boolean> {
  const dir = await mkdtemp(join(tmpdir(), 'cotton-cc-'));
  try {
    const [source, output] = [join(dir, 'trial.c'), join(dir, 'trial')];
    await writeFile(source, TRIAL);
    await execa(program, [...linking.before, source, '-o', output, ...linking.after]);
    return (await execa(output)).stdout === 'compiled';
  } catch {
    return false;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
