import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TestModule, TestSpecification } from 'vitest/node';
import type { Tally } from './tally.ts';
import TallyReporter, { TALLY_FILE } from './tally-reporter.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cotton-tally-'));
  file = join(folder, 'tally.json');
  vi.stubEnv(TALLY_FILE, file);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const written = () => JSON.parse(readFileSync(file, 'utf8')) as Tally;
const specification = (name: string) => ({ moduleId: join(process.cwd(), name) }) as TestSpecification;

function testModule(
  name: string,
  tests: { name: string; result: object }[],
  errors: string[] = [],
): TestModule {
  const allTests = tests.map(({ name: fullName, result }) => ({ fullName, result: () => result }));
  return {
    moduleId: join(process.cwd(), name),
    relativeModuleId: name,
    errors: () => errors.map((message) => ({ message })),
    children: { allTests: () => allTests, allSuites: () => [] },
  } as unknown as TestModule;
}

const passed = (name: string) => ({ name, result: { state: 'passed' } });

describe('TallyReporter', () => {
  it('tells of a run that was cut off what passed, and which files did not finish', () => {
    const reporter = new TallyReporter();
    reporter.onTestRunStart([specification('a.test.ts'), specification('b.test.ts')]);
    reporter.onTestModuleEnd(testModule('a.test.ts', [passed('one'), passed('two')]));
    expect(written()).toEqual({
      passed: 2,
      failed: ['b.test.ts: did not finish'],
      skipped: [],
      unsteady: [],
    });
  });

  it('counts failures, skips with their reason, files that do not load and unhandled errors', () => {
    const reporter = new TallyReporter();
    reporter.onTestRunStart([specification('a.test.ts'), specification('b.test.ts')]);
    const mixed = testModule('a.test.ts', [
      passed('one'),
      { name: 'two', result: { state: 'failed' } },
      { name: 'three', result: { state: 'skipped', note: 'no docker' } },
    ]);
    reporter.onTestRunEnd([mixed, testModule('b.test.ts', [], ['cannot load'])], [{ message: 'loose end' }]);
    expect(written()).toEqual({
      passed: 1,
      failed: ['unhandled error: loose end', 'a.test.ts > two', 'b.test.ts: cannot load'],
      skipped: [{ name: 'a.test.ts > three', reason: 'no docker' }],
      unsteady: [],
    });
  });
});
