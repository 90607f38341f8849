import { ensureTinyC, stderrProgress } from '@cotton/setup';
import { describe, expect, it } from 'vitest';
import { search } from '../src/search.ts';
import {
  checkScope,
  checkTrap,
  type Outcome,
  readRules,
  runAll,
  type Scope,
  SCOPES,
  withCheckers,
} from '../src/index.ts';

const LIMIT_MS = 15 * 60_000; // on a fresh machine it downloads; on a busy one it searches long

describe('the model of the failover protocol', () => {
  it('loses nothing in any scope, each searched to its end', { timeout: LIMIT_MS }, async () => {
    const scopes = SCOPES.filter((scope) => !scope.deep);
    const outcomes = await withCheckers({ deep: false }, stderrProgress, (checkers) =>
      runAll(
        scopes.map((scope) => () => checkScope(checkers, scope)),
        () => undefined,
      ),
    );
    expect(outcomes).toHaveLength(scopes.length);
    expect(outcomes.filter(({ isGood }) => !isGood).map(told)).toEqual([]);
  });

  it('goes wrong without any one of its rules', { timeout: LIMIT_MS }, async () => {
    const rules = await readRules();
    const outcomes = await withCheckers({ deep: false }, stderrProgress, (checkers) =>
      runAll(
        rules.map((rule) => () => checkTrap(checkers, rule)),
        () => undefined,
      ),
    );
    expect(outcomes).toHaveLength(rules.length);
    expect(outcomes.filter(({ isGood }) => !isGood).map(told)).toEqual([]);
  });
});

describe('the check', () => {
  const small: Scope = {
    name: 'small',
    about: '',
    settings: { members: 3, transactions: 1, voters: [1, 2], k: 1, elections: 1 },
  };

  it('works with a compiler fetched where there is none', { timeout: LIMIT_MS }, async () => {
    const compiler = await ensureTinyC();
    await withCheckers({ deep: false, compiler }, stderrProgress, async (checkers) => {
      expect(await checkScope(checkers, small)).toMatchObject({ isGood: true, result: 'holds' });
      const rule = (await readRules()).find(({ name }) => name === 'elect-before-bound')!;
      const trapped = await checkTrap(checkers, rule);
      expect(trapped).toMatchObject({ isGood: true });
      expect(trapped.story.at(-1)).toMatch(/is elected$/);

      const { answer } = await search({
        checker: checkers.usual,
        settings: small.settings,
        broken: 0,
        depthMax: 20,
      });
      expect(answer).toMatchObject({ kind: 'unfinished', why: expect.stringContaining('depth') as string });

      const idle: Scope = { ...small, settings: { ...small.settings, elections: 0, dead: [1, 2] } };
      expect(await checkScope(checkers, idle)).toMatchObject({
        isGood: false,
        result: expect.stringContaining('HOLDS IDLY') as string,
      });
    });
  });
});

function told({ name, result, story }: Outcome): string {
  return [`${name}: ${result}`, ...story].join('\n');
}
