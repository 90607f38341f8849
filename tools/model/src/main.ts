/** `npm run model`: checks the protocol's model, and that the check bites. */
import { SetupError } from '@cotton/setup';
import { ModelError } from './error.ts';
import { type ModelOptions, named, parseOptions, USAGE } from './options.ts';
import { checkScope, checkTrap, type Outcome, runAll, withCheckers } from './run-all.ts';
import { type Scope, SCOPES } from './scopes.ts';
import { table } from './table.ts';
import { readRules, type Rule } from './traps.ts';

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  const rules = await readRules();
  if (options.help) return print(USAGE);
  if (options.list) return print(listOf(SCOPES, rules));
  const [scopes, traps] = choose(options, rules);
  const isDeep = scopes.some((scope) => scope.deep);
  const say = (line: string): void => console.error(`  ${line}`);
  return withCheckers({ deep: isDeep }, say, async (checkers) => {
    const tell = (outcome: Outcome): void => {
      say(`${outcome.name}: ${outcome.result} (${outcome.seconds.toFixed(1)} s)`);
      if (options.story || (!outcome.isGood && outcome.story.length > 0)) console.error(storyOf(outcome));
    };
    const checked = await runAll(
      scopes.map((scope) => () => checkScope(checkers, scope)),
      tell,
    );
    const trapped = await runAll(
      traps.map((rule) => () => checkTrap(checkers, rule)),
      tell,
    );
    print([scopeTable(checked), trapTable(trapped)].filter(Boolean).join('\n\n'));
    return [...checked, ...trapped].every(({ isGood }) => isGood) ? 0 : 1;
  });
}

function choose({ scopes, traps, deep }: ModelOptions, rules: Rule[]): [Scope[], Rule[]] {
  if (scopes.length + traps.length > 0) return [named(SCOPES, scopes, 'scope'), named(rules, traps, 'trap')];
  return [SCOPES.filter((scope) => deep || !scope.deep), rules];
}

function listOf(scopes: Scope[], rules: Rule[]): string {
  const rows = (all: { name: string; about: string; deep?: boolean }[]): string[][] =>
    all.map(({ name, about, deep }) => [name, deep ? `${about} (deep)` : about]);
  return [table(['scope', ''], rows(scopes)), table(['rule left out', ''], rows(rules))].join('\n\n');
}

function scopeTable(outcomes: Outcome[]): string {
  const rows = outcomes.map(({ name, states, result, about }) => [
    name,
    states.toLocaleString('en'),
    result,
    about,
  ]);
  return rows.length > 0 ? table(['scope', 'states', 'result', 'what may happen in it'], rows) : '';
}

function trapTable(outcomes: Outcome[]): string {
  const rows = outcomes.map(({ name, story, result, isGood }) => [
    name,
    isGood ? String(story.length) : '',
    result,
  ]);
  return rows.length > 0 ? table(['rule left out', 'steps', 'caught: what went wrong'], rows) : '';
}

function storyOf({ story }: Outcome): string {
  return story.map((step, at) => `    ${String(at + 1).padStart(3)}. ${step}`).join('\n');
}

function print(text: string): number {
  console.log(text);
  return 0;
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    const isExpected = error instanceof ModelError || error instanceof SetupError || error instanceof Error;
    console.error(`npm run model: ${isExpected ? error.message : String(error)}`);
    process.exitCode = 2;
  },
);
