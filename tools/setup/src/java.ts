import { execa } from 'execa';
import { join } from 'node:path';
import { unpackDebs, ownSuite } from './apt.ts';
import { cachedPart } from './cache.ts';
import { SetupError } from './error.ts';
import { findOnPath } from './path.ts';
import type { Progress } from './progress.ts';
import { listTree, relinkAbsolute } from './tree.ts';

const RECIPE = 1;
const LEAST_MAJOR = 11;

export interface Java {
  program: string;
  /** What the program needs in its environment. */
  env: Record<string, string>;
}

/** The `java` on the PATH where it is 11 or later, otherwise one fetched from the machine's own suite. */
export async function ensureJava(progress: Progress): Promise<Java> {
  const program = await findOnPath('java');
  if (program && (await majorOf({ program, env: {} })) >= LEAST_MAJOR) return { program, env: {} };
  const { dir, facts } = await cachedPart(`jre-r${RECIPE}`, progress, (scratch) =>
    fetchJre(scratch, progress),
  );
  return javaAt(dir, facts);
}

interface JreFacts {
  program: string;
  libraries: string;
}

async function fetchJre(dir: string, progress: Progress): Promise<JreFacts> {
  progress('fetching a Java runtime (about 65 MB)');
  // The machine's own libc serves (it is the same suite); everything else comes along.
  const keep = (name: string) => /^(openjdk-.*|lib.*|zlib1g)$/.test(name) && !/^libc6$/.test(name);
  await unpackDebs(await ownSuite(), ['openjdk-17-jre-headless'], keep, dir, progress);
  await relinkAbsolute(dir);
  const files = await listTree(dir);
  const program = files.find((path) => /^usr\/lib\/jvm\/[^/]+\/bin\/java$/.test(path)) ?? '';
  const anyLibrary = files.find((path) => /^usr\/lib\/[^/]+-linux-gnu[^/]*\/[^/]+\.so/.test(path)) ?? '';
  const facts = { program, libraries: anyLibrary.split('/').slice(0, 3).join('/') };
  if ((await majorOf(javaAt(dir, facts))) < LEAST_MAJOR) {
    throw new SetupError(
      'unpack_failed',
      'the fetched Java runtime does not run here; install Java 11 or later instead',
    );
  }
  return facts;
}

function javaAt(dir: string, facts: JreFacts): Java {
  const libraries = ['lib', 'usr/lib'].map((top) => join(dir, facts.libraries.replace(/^usr\/lib/, top)));
  return { program: join(dir, facts.program), env: { LD_LIBRARY_PATH: libraries.join(':') } };
}

async function majorOf(java: Java): Promise<number> {
  const { stderr } = await execa(java.program, ['-version'], { reject: false, env: java.env });
  return Number(/version "(?:1\.)?(\d+)/.exec(stderr)?.[1] ?? 0);
}
