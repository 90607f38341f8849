/** The simulation, or one with a deliberate bug in its real parts: bundled from changed sources. */
import { build, type Plugin } from 'esbuild';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isSourceTrap, type SourceTrap, type Trap } from './traps.ts';

import * as whole from './history.ts';

export type Simulation = Pick<typeof whole, 'planOf' | 'runHistory'>;

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export async function simulationWith(trap: Trap | undefined): Promise<Simulation> {
  return trap && isSourceTrap(trap) ? loadWith(trap) : whole;
}

/** @throws when the trap's snippet does not stand exactly once in its file: the trap has to follow the code */
async function loadWith(trap: SourceTrap): Promise<Simulation> {
  const changed = await change(trap);
  const directory = await mkdtemp(join(tmpdir(), 'cotton-trap-'));
  try {
    const outfile = join(directory, 'simulation.mjs');
    await build({
      entryPoints: [join(ROOT, 'tools/simulate/src/history.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      conditions: ['@cotton/source'],
      logLevel: 'error',
      plugins: [replacing(join(ROOT, trap.file), changed)],
    });
    return (await import(pathToFileURL(outfile).href)) as Simulation;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function change({ name, file, snippet, replacement }: SourceTrap): Promise<string> {
  const source = await readFile(join(ROOT, file), 'utf8');
  const times = source.split(snippet).length - 1;
  if (times !== 1) throw new Error(`trap ${name}: its snippet stands ${times} times in ${file}, not once`);
  return source.replace(snippet, () => replacement);
}

function replacing(path: string, contents: string): Plugin {
  return {
    name: 'trap',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, (args) => (args.path === path ? { contents, loader: 'ts' } : undefined));
    },
  };
}
