import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestModule, TestSpecification } from 'vitest/node';
import type { Tally } from './tally.ts';

/** Environment variable that names the file the tally is written to, as JSON. */
export const TALLY_FILE = 'COTTON_TALLY_FILE';

/**
 * A vitest reporter that counts. Vitest's own JSON leaves out why a test was skipped, and is written only at the end:
 * of a run that is cut off it says nothing.
 */
export default class TallyReporter implements Reporter {
  readonly #ended: TestModule[] = [];
  readonly #awaited = new Set<string>();

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    for (const { moduleId } of specifications) this.#awaited.add(moduleId);
    this.#write([]);
  }

  onTestModuleEnd(module: TestModule): void {
    this.#awaited.delete(module.moduleId);
    this.#ended.push(module);
    this.#write([]);
  }

  /** Modules that ended are counted anew: what their last hooks did is known only now. */
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly { message: string }[]): void {
    this.#ended.splice(0, this.#ended.length, ...modules);
    for (const { moduleId } of modules) this.#awaited.delete(moduleId);
    this.#write(unhandledErrors.map((error) => `unhandled error: ${error.message}`));
  }

  #write(failures: string[]): void {
    const file = process.env[TALLY_FILE];
    if (!file) throw new Error(`${TALLY_FILE} does not say where to write the tally`);
    const unfinished = [...this.#awaited].map((id) => `${relative(process.cwd(), id)}: did not finish`);
    const tally: Tally = { passed: 0, failed: [...failures, ...unfinished], skipped: [], unsteady: [] };
    for (const module of this.#ended) countModule(module, tally);
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
