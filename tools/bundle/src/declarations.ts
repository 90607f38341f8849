import { readFile } from 'node:fs/promises';
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
 * packages here are taken in, and of third parties those that the exports mention.
 */
export async function bundleDeclarations(entry: string, file: string): Promise<void> {
  await rollUp(entry, file, []);
  const mentioned = await foreignImports(file);
  if (mentioned.length === 0) return;
  await rollUp(entry, file, mentioned);
  const left = await foreignImports(file);
  if (left.length > 0) throw failure(entry, declareItHere(left));
}

/** Not all third-party types can be taken in, and reading them is slow: only those of `include` are tried. */
async function rollUp(entry: string, file: string, include: string[]): Promise<void> {
  const isOurs = (id: string) => id.startsWith('.') || isAbsolute(id) || id.startsWith('@cotton/');
  const keepOut: Plugin = {
    name: 'keep-out',
    resolveId: (id) => (isOurs(id) || (include.length > 0 && !isBuiltin(id)) ? null : { id, external: true }),
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
    const advice = include.length > 0 ? `\n${declareItHere(include)}` : '';
    throw failure(entry, `${reason}${advice}`, cause);
  }
}

async function foreignImports(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1]!);
  return imports.filter((id) => !isBuiltin(id));
}

const declareItHere = (modules: string[]) =>
  `Its exports mention types of ${modules.join(', ')} that cannot be taken in; declare what is needed in the package itself.`;

function failure(entry: string, reason: string, cause?: unknown): BundleError {
  return new BundleError('declarations_failed', `cannot roll up the types of ${entry}: ${reason}`, cause);
}
