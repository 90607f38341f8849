import { afterAll, describe, expect, it } from 'vitest';
import { notRun, notRunReport } from './not-run.ts';
import { ReplayPool } from './replay-pool.ts';
import { readTarget } from './target.ts';
import { readScenarios } from './trace/trace.ts';

const target = readTarget(process.env);
const chosen = readScenarios().filter(({ number }) => !target.only || target.only.includes(number));
const pool = new ReplayPool(chosen, target);

const DEADLINE_MS = 600_000;

afterAll(() => console.log(notRunReport()));

describe.each(chosen)('$name', (scenario) => {
  it.each(scenario.sections.map((section) => ({ section, line: section.lines[0]!.line })))(
    `${scenario.number}:$line $section.title`,
    async ({ section, line }) => {
      const outcome = await pool.outcome(scenario);
      if (outcome.sectionNotRun(section)) {
        notRun(`${scenario.number}:${line} ${section.title}`, outcome.notRunWhy ?? 'unknown');
        return;
      }
      expect(outcome.sectionDifferences(section)).toEqual([]);
    },
    DEADLINE_MS,
  );
});
