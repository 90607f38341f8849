import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

export const bundles = {
  scheduler: join(root, 'packages/scheduler/dist/cotton-scheduler.mjs'),
  executor: join(root, 'packages/executor/dist/cotton-executor'),
  cli: join(root, 'packages/cli/dist/cotton-cli.mjs'),
} as const;

/** What belongs to a running `npm start`, and where scripts find it. */
export const localDir = join(root, '.local');
export const endpointsFile = join(localDir, 'endpoints.json');
