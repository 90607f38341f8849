import { resolve } from 'node:path';
import { buildPackage } from './build-package.ts';
import { BundleError } from './error.ts';

// `node tools/bundle/src/main.ts packages/core`: what every package's `build` target runs.
const [directory] = process.argv.slice(2);
if (!directory) {
  console.error('usage: main.ts <package directory>');
  process.exit(2);
}
try {
  await buildPackage(resolve(directory));
} catch (error) {
  if (!(error instanceof BundleError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
