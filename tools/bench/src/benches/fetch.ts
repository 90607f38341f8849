import { root } from '@cotton/start';
import { execa } from 'execa';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import type { Measurements } from '../measurement.ts';

const LIMIT_MS = 15 * 60_000;

/** What a first run adds: fetching MySQL and ZooKeeper into an empty cache. Downloads some 100 MB, so only when asked for. */
export async function* benchFetch(lab: Lab): Measurements {
  const cache = await lab.folder('cache');
  const begun = performance.now();
  await execa(process.execPath, [join(root, 'tools/bootstrap.mjs'), 'setup'], {
    env: { COTTON_CACHE: cache },
    timeout: LIMIT_MS,
  });
  const value = (performance.now() - begun) / 1000;
  yield { name: 'fetch MySQL and ZooKeeper', value, unit: 's', note: 'empty cache' };
}
