import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './run-to-end.ts';

interface Project {
  test: { name: string; include: string[] };
}

interface Config {
  default: { test: { projects: Project[] } };
}

const NO_SOURCES = new Set(['node_modules', 'dist', '.git', '.nx', '.cache', '.local']);

/** Paths from the root of the checkout. */
function filesOf(patterns: string | string[]): string[] {
  return globSync(patterns, { cwd: ROOT, exclude: (entry) => NO_SOURCES.has(entry) });
}

it('runs every test file in exactly one tier', async () => {
  const { default: config } = (await import(join(ROOT, 'vitest.config.ts'))) as Config;
  const { projects } = config.test;
  const owners = new Map(filesOf('**/*.test.{ts,tsx}').map((file) => [file, [] as string[]]));
  for (const { test } of projects)
    for (const file of filesOf(test.include)) owners.get(file)?.push(test.name);
  expect(owners.get('tools/test/src/projects.test.ts')).toEqual(['unit']);
  expect([...owners].filter(([, names]) => names.length !== 1)).toEqual([]);
});
