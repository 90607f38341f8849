import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import type { Tally } from './tally.ts';

/** Environment variable that names the file the tally is written to, as JSON. */
export const TALLY_FILE = 'COTTON_TALLY_FILE';

/** A vitest reporter that counts. Vitest's own JSON leaves out why a test was skipped. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly { message: string }[]): void {
    const file = process.env[TALLY_FILE];
    if (!file) throw new Error(`${TALLY_FILE} does not say where to write the tally`);
    const tally: Tally = { passed: 0, failed: [], skipped: [] };
    for (const module of modules) countModule(module, tally);
    for (const error of unhandledErrors) tally.failed.push(`unhandled error: ${error.message}`);
    writeFileSync(file, JSON.stringify(tally));
  }
}

function countModule(module: TestModule, tally: Tally): void {
  // A file that does not load has no tests to fail, only errors of its own; so has one whose afterAll fails.
  const suites = [module, ...module.children.allSuites()];
  for (const suite of suites) {
    for (const error of suite.errors()) tally.failed.push(`${module.relativeModuleId}: ${error.message}`);
  }
  for (const test of module.children.allTests()) {
    const name = `${module.relativeModuleId} > ${test.fullName}`;
    const result = test.result();
    if (result.state === 'passed') tally.passed += 1;
    else if (result.state === 'skipped')
      tally.skipped.push({ name, reason: result.note ?? 'no reason given' });
    else tally.failed.push(result.state === 'failed' ? name : `${name} (did not finish)`);
  }
}
