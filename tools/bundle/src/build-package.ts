import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { bundleDeclarations } from './declarations.ts';
import { BundleError } from './error.ts';
import { makeExecutable } from './executable.ts';
import { bundleAppModule, bundleAppScript, bundleLibrary } from './javascript.ts';
import { thirdPartyNotices } from './notices.ts';

/**
 * Builds the package in `directory` into its `dist`: a library where it has `src/index.ts` (`index.js`, `index.d.ts`),
 * an app where it has `src/main.ts` (`cotton-<name>.mjs`, and the executable `cotton-<name>` with Node inside).
 */
export async function buildPackage(directory: string): Promise<void> {
  const dist = join(directory, 'dist');
  const library = join(directory, 'src/index.ts');
  const app = join(directory, 'src/main.ts');
  if (!existsSync(library) && !existsSync(app)) {
    throw new BundleError(
      'no_entry',
      `${directory} has neither src/index.ts nor src/main.ts: there is nothing to build`,
    );
  }
  await mkdir(join(directory, 'node_modules'), { recursive: true });
  const scratch = await mkdtemp(join(directory, 'node_modules/.build-'));
  try {
    const inputs = new Set<string>();
    if (existsSync(app)) await buildApp(app, join(scratch, await appName(directory)), inputs);
    if (existsSync(library)) await buildLibrary(library, scratch, inputs);
    await writeFile(join(scratch, 'THIRD_PARTY.txt'), await thirdPartyNotices(inputs));
    await replaceFolder(dist, scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** All at once: a process that runs from the old folder, or a second build, never sees half of a new one. */
async function replaceFolder(folder: string, replacement: string): Promise<void> {
  const old = `${replacement}.old`;
  if (existsSync(folder)) await rename(folder, old);
  await chmod(replacement, 0o755);
  await rename(replacement, folder);
  await rm(old, { recursive: true, force: true });
}

async function buildLibrary(entry: string, dist: string, inputs: Set<string>): Promise<void> {
  const file = join(dist, 'index.js');
  for (const input of await bundleLibrary(entry, file)) inputs.add(input);
  await bundleDeclarations(entry, join(dist, 'index.d.ts'));
  await report(file);
}

async function buildApp(entry: string, base: string, inputs: Set<string>): Promise<void> {
  for (const input of await bundleAppModule(entry, `${base}.mjs`)) inputs.add(input);
  await report(`${base}.mjs`);
  const script = `${base}.cjs`;
  await bundleAppScript(entry, script);
  await makeExecutable(script, base);
  await rm(script);
  // Executables are handed out by themselves: the npm package carries the module, at a thirtieth of the size.
  await writeFile(join(dirname(base), '.npmignore'), `${basename(base)}\n`);
  await report(base);
}

/** `@cotton/scheduler` becomes `cotton-scheduler`. */
async function appName(directory: string): Promise<string> {
  const { name } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as { name: string };
  return name.replace('@', '').replace('/', '-');
}

async function report(file: string): Promise<void> {
  const { size } = await stat(file);
  console.log(`${basename(file)}  ${(size / 1024 / 1024).toFixed(2)} MB`);
}
