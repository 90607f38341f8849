import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
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
 * packages here and of third parties are taken in.
 */
export async function bundleDeclarations(entry: string, file: string): Promise<void> {
  try {
    const bundle = await rollup({
      input: entry,
      plugins: [leaveOutUntyped, dts({ respectExternal: true, compilerOptions: RESOLUTION })],
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
  await assertSelfContained(entry, file);
}

/** Node's modules, and modules without declarations: an import of one stays out unless the public types need it. */
const leaveOutUntyped: Plugin = {
  name: 'leave-out-untyped',
  resolveId(id, importer) {
    if (isBuiltin(id)) return { id, external: true };
    if (!importer || id.startsWith('.')) return null;
    const found = ts.resolveModuleName(id, importer, RESOLUTION, ts.sys).resolvedModule;
    const hasTypes = found !== undefined && /\.[cm]?tsx?$/.test(found.resolvedFileName);
    return hasTypes ? null : { id, external: true };
  },
};

async function assertSelfContained(entry: string, file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1]!);
  const foreign = imports.find((id) => !isBuiltin(id));
  if (foreign === undefined) return;
  throw new BundleError(
    'declarations_failed',
    `the public types of ${entry} mention "${foreign}", which a user of the package would not have; keep it out of the exports`,
  );
}
