import { root } from '@cotton/start';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import type { Measurement } from '../measurement.ts';

const APPS = ['scheduler', 'executor', 'cli'];
const LIBRARIES = ['mysql-ops', 'state', 'mesos', 'zookeeper'];

/** What a build leaves. */
export async function benchSizes(_lab: Lab): Promise<Measurement[]> {
  const files = [
    ...APPS.flatMap((app) => [`${app}/dist/cotton-${app}.mjs`, `${app}/dist/cotton-${app}`]),
    ...LIBRARIES.map((library) => `${library}/dist/index.js`),
  ];
  return Promise.all(
    files.map(async (name) => {
      const { size } = await stat(join(root, 'packages', name));
      return { name, value: size / 1024 / 1024, unit: 'MB' as const };
    }),
  );
}
