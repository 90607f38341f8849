import { ensureAll } from './ensure-all.ts';
import { SetupError } from './error.ts';

// `npm run setup`: everything the tests and the demo need, ahead of time.
try {
  await ensureAll();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`setup failed: ${error.message}`);
  process.exitCode = 1;
}
