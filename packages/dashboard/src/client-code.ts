/**
 * The page's script, compiled when it is asked for: how a scheduler run from source gets it. The build puts the
 * compiled script in this module's place (see build.ts), so that no compiler ships.
 */
import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const CLIENT = join(import.meta.dirname, 'client');

export interface ClientCode {
  html: string;
  script: string;
  style: string;
  icon: string;
}

export async function clientCode(): Promise<ClientCode> {
  const [html, icon, script, style] = await Promise.all([
    readFile(join(CLIENT, 'index.html'), 'utf8'),
    readFile(join(CLIENT, 'icon.svg'), 'utf8'),
    compile('main.tsx'),
    compile('style.css'),
  ]);
  return { html, script, style, icon };
}

async function compile(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(CLIENT, entry)],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
    conditions: ['@cotton/source'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}
