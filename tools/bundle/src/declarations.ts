import { readFile, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { isAbsolute } from 'node:path';
import { type Plugin, rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import ts from 'typescript';
import { BundleError } from './error.ts';

const RESOLUTION: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: ['@cotton/source'],
};

/**
 * Rolls a library's declarations up into one file that needs nothing but Node's own types: those of the other
 * packages here are taken in, and of third parties those that the exports mention. Where that cannot be done, such
 * types are `any` to a user who has not installed the third party.
 */
export async function bundleDeclarations(entry: string, file: string): Promise<void> {
  await rollUp(entry, file, 'leave third parties out');
  const mentioned = await foreignImports(file);
  if (mentioned.length === 0) return;
  try {
    await rollUp(entry, file, 'take third parties in');
  } catch (error) {
    console.warn(
      `${String(error)}\nIt is left as an import; better declare in the package what its exports mention.`,
    );
    await rollUp(entry, file, 'leave third parties out');
  }
  await excuseImports(file, await foreignImports(file));
}

/** Not all third-party types can be taken in, and reading them is slow: that is for where they are needed. */
async function rollUp(
  entry: string,
  file: string,
  mode: 'leave third parties out' | 'take third parties in',
): Promise<void> {
  const isOurs = (id: string) => id.startsWith('.') || isAbsolute(id) || id.startsWith('@cotton/');
  const keepOut: Plugin = {
    name: 'keep-out',
    resolveId: (id) =>
      isOurs(id) || (mode === 'take third parties in' && !isBuiltin(id)) ? null : { id, external: true },
  };
  try {
    const bundle = await rollup({
      input: entry,
      plugins: [keepOut, dts({ respectExternal: true, compilerOptions: RESOLUTION })],
      onwarn: (warning, warn) => {
        if (warning.code !== 'CIRCULAR_DEPENDENCY') warn(warning); // types may refer to each other in a circle
      },
    });
    await bundle.write({ file, format: 'es' });
    await bundle.close();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BundleError('declarations_failed', `cannot roll up the types of ${entry}: ${reason}`, cause);
  }
}

const IMPORT = /^(?:import|export)\b.*?from ['"]([^'"]+)['"];?$/gm;

async function foreignImports(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => match[1]!).filter((id) => !isBuiltin(id));
}

/** An import that does not resolve is then no error in a user's compilation; its types become `any`. */
async function excuseImports(file: string, modules: string[]): Promise<void> {
  if (modules.length === 0) return;
  const text = await readFile(file, 'utf8');
  const excused = text.replace(IMPORT, (line, id: string) =>
    modules.includes(id) ? `// @ts-ignore: ${id} may not be installed\n${line}` : line,
  );
  await writeFile(file, excused);
}
