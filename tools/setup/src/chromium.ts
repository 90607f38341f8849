import { execa } from 'execa';
import { join } from 'node:path';
import { ownSuite, unpackDebs } from './apt.ts';
import { cachedPart } from './cache.ts';
import { SetupError } from './error.ts';
import { findOnPath } from './path.ts';
import { type Progress, stderrProgress } from './progress.ts';
import { listTree, relinkAbsolute } from './tree.ts';

const RECIPE = 1;
const INSTALLED = ['chromium', 'chromium-headless-shell', 'google-chrome'];
const SHELL = 'usr/lib/chromium/chromium-headless-shell';
const VERSION_LIMIT_MS = 30_000;

export interface Chromium {
  program: string;
  /** What the program needs in its environment. */
  env: Record<string, string>;
}

/** A Chromium on the PATH, otherwise Debian's headless one from the machine's own suite, without root. */
export async function ensureChromium(progress: Progress = stderrProgress): Promise<Chromium> {
  for (const name of INSTALLED) {
    const program = await findOnPath(name);
    if (program) return { program, env: {} };
  }
  const { dir, facts } = await cachedPart(`chromium-r${RECIPE}`, progress, (scratch) =>
    fetchChromium(scratch, progress),
  );
  return chromiumAt(dir, facts);
}

interface ChromiumFacts {
  /** Folders with libraries, relative. */
  libraries: string[];
}

async function fetchChromium(dir: string, progress: Progress): Promise<ChromiumFacts> {
  progress('fetching a headless Chromium (about 120 MB)');
  // The machine's own libc serves (it is the same suite); what is neither library nor font is for desktops.
  const keep = (name: string) =>
    /^(chromium-|lib|font|zlib1g)/.test(name) && !/^(libc6|libc-bin)$/.test(name);
  await unpackDebs(await ownSuite(), ['chromium-headless-shell', 'fonts-dejavu-core'], keep, dir, progress);
  await relinkAbsolute(dir);
  const files = await listTree(dir);
  const folders = files.filter((path) => /\.so(\.\d+)*$/.test(path)).map((path) => join(path, '..'));
  const facts = {
    libraries: [...new Set(folders)].filter((path) => /-linux-gnu[^/]*(\/[^/]+)?$/.test(path)),
  };
  const { program, env } = chromiumAt(dir, facts);
  const run = await execa(program, ['--version'], { env, reject: false, timeout: VERSION_LIMIT_MS });
  if (run.failed)
    throw new SetupError(
      'unpack_failed',
      `the fetched Chromium does not run here: ${run.stderr ?? run.message}`,
    );
  return facts;
}

function chromiumAt(dir: string, { libraries }: ChromiumFacts): Chromium {
  const paths = libraries.map((path) => join(dir, path)).join(':');
  return { program: join(dir, SHELL), env: { LD_LIBRARY_PATH: paths } };
}
