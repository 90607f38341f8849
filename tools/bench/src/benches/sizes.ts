import { root } from '@cotton/start';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Measurements } from '../measurement.ts';

const APPS = ['scheduler', 'executor', 'cli'];
const LIBRARIES = ['mysql-ops', 'state', 'mesos', 'zookeeper'];

/** What a build leaves. */
export async function* benchSizes(): Measurements {
  const files = [
    ...APPS.flatMap((app) => [`${app}/dist/cotton-${app}.mjs`, `${app}/dist/cotton-${app}`]),
    ...LIBRARIES.map((library) => `${library}/dist/index.js`),
  ];
  for (const name of files) {
    const { size } = await stat(join(root, 'packages', name));
    yield { name, value: size / 1024 / 1024, unit: 'MB' };
  }
}
