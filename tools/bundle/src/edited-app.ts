import type { Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { App } from './bundled-app.ts';
import { BundleError } from './error.ts';
import { bundleAppModule } from './javascript.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/** `snippet` stands exactly once in `file` (from the root of the checkout), and is replaced. */
export interface SourceEdit {
  file: string;
  snippet: string;
  replacement: string;
}

/**
 * Bundles an app as a build does, but with one edit of its sources, which stay as they are; returns whether the edited
 * source is part of it at all.
 * @throws BundleError `edit_failed` when the snippet is not there exactly once
 */
export async function bundleEdited(app: App, edit: SourceEdit, outfile: string): Promise<boolean> {
  const path = join(ROOT, edit.file);
  const contents = applyEdit(await readFile(path, 'utf8'), edit);
  let isPart = false;
  const plugin: Plugin = {
    name: 'edit',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, (args) => {
        if (args.path !== path) return undefined;
        isPart = true;
        return { contents, loader: 'ts' };
      });
    },
  };
  await bundleAppModule(join(ROOT, 'packages', app, 'src/main.ts'), outfile, [plugin]);
  return isPart;
}

/** @throws BundleError `edit_failed` */
export function applyEdit(source: string, { file, snippet, replacement }: SourceEdit): string {
  const times = source.split(snippet).length - 1;
  if (times !== 1)
    throw new BundleError('edit_failed', `"${snippet}" stands ${times} times in ${file}, not once`);
  return source.replace(snippet, () => replacement);
}
