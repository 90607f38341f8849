/** Builds `dist/index.js` and `dist/index.d.ts`: as src/index.ts, with the page's compiled code inside. */
import { build, type Plugin } from 'esbuild';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { clientCode } from './client-code.ts';

const SOURCE = join(import.meta.dirname, 'index.ts');
const DIST = join(import.meta.dirname, '../dist');

/** Puts the compiled code in the place of the module that compiles it. */
const compiledCode: Plugin = {
  name: 'compiled-code',
  setup(building) {
    building.onLoad({ filter: /[/\\]client-code\.ts$/ }, async () => ({
      contents: `export const clientCode = () => Promise.resolve(${JSON.stringify(await clientCode())});`,
      loader: 'js',
    }));
  },
};

async function main(): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [SOURCE],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    plugins: [compiledCode],
    logLevel: 'warning',
  });
  await mkdir(DIST, { recursive: true });
  await place('index.js', outputFiles[0]?.text ?? '');
  await place('index.d.ts', await declarations());
  await place('THIRD_PARTY.txt', await notices());
}

/** Whole at once: someone else may be bundling the file meanwhile. */
async function place(name: string, content: string): Promise<void> {
  const temporary = join(DIST, `${name}.${process.pid}`);
  await writeFile(temporary, content);
  await rename(temporary, join(DIST, name));
}

/** src/index.ts mentions no other module in its types, so it can be transpiled alone. */
async function declarations(): Promise<string> {
  const { outputText } = ts.transpileDeclaration(await readFile(SOURCE, 'utf8'), { fileName: 'index.ts' });
  return outputText;
}

/** The page carries preact, whose licence asks to be passed on. */
async function notices(): Promise<string> {
  const licence = await readFile(new URL('../LICENSE', import.meta.resolve('preact')), 'utf8');
  return `preact\n\n${licence}`;
}

await main();
