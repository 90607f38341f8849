import { join, resolve } from 'node:path';

const PACKAGES = resolve(import.meta.dirname, '../../../packages');

export type App = 'scheduler' | 'executor' | 'cli';

/** Where a build leaves an app: `module` runs with `node`, `executable` runs by itself. */
export function bundledApp(app: App): { module: string; executable: string } {
  const executable = join(PACKAGES, app, 'dist', `cotton-${app}`);
  return { module: `${executable}.mjs`, executable };
}
