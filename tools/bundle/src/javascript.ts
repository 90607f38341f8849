import { type BuildOptions, build, type Plugin } from 'esbuild';
import { chmod } from 'node:fs/promises';

const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  // Packages come from their sources; one that has to be compiled first (the dashboard) from what its build left.
  conditions: ['@cotton/built', '@cotton/source'],
  metafile: true,
  legalComments: 'none', // THIRD_PARTY.txt carries the licences whole
  logLevel: 'warning',
  loader: { '.node': 'empty' }, // optional native speed-ups; every one we carry has a JavaScript fallback
};

// CommonJS dependencies inside an ES module still call require for Node's own modules and use their own path.
const REQUIRE_FOR_ESM = [
  `import { createRequire as cottonCreateRequire } from 'node:module';`,
  `import { fileURLToPath as cottonFileURLToPath } from 'node:url';`,
  `const require = cottonCreateRequire(import.meta.url);`,
  `const __filename = cottonFileURLToPath(import.meta.url);`,
  `const __dirname = cottonFileURLToPath(new URL('.', import.meta.url));`,
].join('\n');

const META_FOR_CJS = `const cottonModuleUrl = require('node:url').pathToFileURL(__filename).href;`;

/** Apps are loaded by every agent: smaller text means less memory. Names and line ends stay: a stack trace prints one line. */
const COMPACT: BuildOptions = { minifyWhitespace: true, minifySyntax: true, lineLimit: 160 };

/** Bundles a library into one ES module; returns the source files that went into it. */
export async function bundleLibrary(entry: string, file: string): Promise<string[]> {
  return bundle({ entryPoints: [entry], outfile: file, format: 'esm', banner: { js: REQUIRE_FOR_ESM } });
}

/** Bundles an app into one runnable ES module; returns the source files that went into it. */
export async function bundleAppModule(
  entry: string,
  file: string,
  plugins: Plugin[] = [],
): Promise<string[]> {
  const banner = { js: `#!/usr/bin/env node\n${REQUIRE_FOR_ESM}` };
  const options: BuildOptions = { entryPoints: [entry], outfile: file, format: 'esm', banner, plugins };
  const inputs = await bundle({ ...COMPACT, ...options });
  await chmod(file, 0o755);
  return inputs;
}

/** Bundles an app into one CommonJS script, the only form that a single executable can hold. */
export async function bundleAppScript(entry: string, file: string): Promise<void> {
  await bundle({
    ...COMPACT,
    entryPoints: [entry],
    outfile: file,
    format: 'cjs',
    banner: { js: META_FOR_CJS },
    define: {
      'import.meta.url': 'cottonModuleUrl',
      'import.meta.filename': '__filename',
      'import.meta.dirname': '__dirname',
    },
  });
}

async function bundle(options: BuildOptions): Promise<string[]> {
  const { metafile } = await build({ ...COMMON, ...options });
  return Object.keys(metafile?.inputs ?? {});
}
