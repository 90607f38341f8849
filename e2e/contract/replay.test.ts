import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { evidence } from './fact-evidence.ts';
import { FACTS, type Fact } from './facts.ts';
import { notRun, notRunReport } from './not-run.ts';
import { ReplayPool } from './replay-pool.ts';
import { readTarget } from './target.ts';
import { readScenarios, type Scenario, type Section } from './trace/trace.ts';

const DEADLINE_MS = 600_000;
const MOST_SHOWN = 300;
const LINUX_ISOLATION = 'scenario 20 needs the Linux isolators of a real Mesos';

const target = readTarget(process.env);
const all = readScenarios();
const chosen = all.filter(({ number }) => !target.only || target.only.includes(number));
const pool = new ReplayPool(chosen, target);
const shownFacts: number[] = [];

afterAll(async () => {
  await pool.finished();
  console.log(`Facts shown by the target: ${shownFacts.length} of ${FACTS.length}`);
  console.log(secondTriesReport());
  console.log(notRunReport());
});

/** What was replayed twice; empty text when nothing was. */
function secondTriesReport(): string {
  const lines = pool.secondTries.flatMap(({ scenario, busyShare, differences }) => [
    `  ${scenario.name}, when ${Math.round(busyShare * 100)} % of some seconds were lost:`,
    ...differences.map((text) => `    ${text.slice(0, MOST_SHOWN)}`),
  ]);
  return lines.length > 0 ? ['Differed on a busy machine and was replayed alone:', ...lines].join('\n') : '';
}

/** Reported as skipped, never as passed, and listed at the end. */
function leaveOut(context: TestContext, what: string, why: string): never {
  notRun(what, why);
  return context.skip(why);
}

async function checkSection(scenario: Scenario, section: Section, context: TestContext): Promise<void> {
  const outcome = await pool.outcome(scenario);
  expect(outcome.sectionDifferences(section)).toEqual([]);
  if (outcome.sectionNotRun(section))
    leaveOut(context, context.task.name, outcome.notRunWhy ?? 'an earlier line could not be followed');
}

describe.each(chosen)('$name', (scenario) => {
  for (const section of scenario.sections)
    it(
      `${scenario.number}:${section.lines[0]!.line} ${section.title}`,
      (context) => checkSection(scenario, section, context),
      DEADLINE_MS,
    );
});

interface Reference {
  number: string;
  line: number;
}

const reference = (text: string): Reference => ({ number: text.slice(0, 2), line: Number(text.slice(3)) });
const scenarioOf = ({ number }: Reference) => chosen.find((scenario) => scenario.number === number);

async function checkOrder([first, second]: [string, string]): Promise<string[]> {
  const outcome = await pool.outcome(scenarioOf(reference(first))!);
  return outcome.inOrder(reference(first).line, reference(second).line)
    ? []
    : [`${first} came after ${second}`];
}

async function checkFact(fact: Fact, context: TestContext): Promise<void> {
  const differences: string[] = [];
  const missing: string[] = [];
  for (const text of fact.lines) {
    const at = reference(text);
    const scenario = scenarioOf(at);
    const found = scenario ? evidence(await pool.outcome(scenario), at.line) : undefined;
    if (found?.kind === 'differs') differences.push(...found.differences);
    if (!found || found.kind === 'not run') missing.push(text);
  }
  if (missing.length === 0)
    for (const pair of fact.order ?? []) differences.push(...(await checkOrder(pair)));
  expect(differences).toEqual([]);
  if (missing.length > 0) {
    const why = missing.every((text) => text.startsWith('20'))
      ? LINUX_ISOLATION
      : 'not replayed on this target';
    leaveOut(context, `fact ${fact.number}`, `${missing.join(' ')}: ${why}`);
  }
  shownFacts.push(fact.number);
}

describe('facts', () => {
  const about = (fact: Fact) =>
    !target.only || fact.lines.some((text) => target.only!.includes(reference(text).number));
  for (const fact of FACTS.filter(about))
    it(
      `fact ${fact.number} (${fact.lines.join(' ')}): ${fact.title}`,
      (context) => checkFact(fact, context),
      DEADLINE_MS,
    );
});
