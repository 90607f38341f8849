/** The arithmetic of GTID sets in `core`, which elections stand on, is that of MySQL. */
import { containsGtidSet, formatGtidSet, parseGtidSet, subtractGtidSets, unionGtidSets } from '@cotton/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUp, Instance, LIMIT, makeRoom } from '../support.ts';

const SEED = 20_240_917;
const RUNS = 12;
const PAIRS = 60;

/** Few sources, tags and small numbers, so that sets overlap and touch; now and then a large number. */
const source = fc.constantFrom(
  '3e11fa47-71ca-11e1-9e33-c80aa9429562',
  '3E11FA47-71CA-11E1-9E33-C80AA9429563',
  'ffffffff-0000-4000-8000-000000000001',
);
const tag = fc.constantFrom('', '', 'a', 'b_1', '_z');
const number = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 24 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 ** 52 }) },
);
const interval = fc
  .tuple(number, fc.integer({ min: 0, max: 6 }))
  .map(([first, more]) => (more === 0 ? `${first}` : `${first}-${first + more}`));
const part = fc
  .tuple(source, tag, fc.array(interval, { minLength: 1, maxLength: 4 }))
  .map(([uuid, name, intervals]) => [uuid, ...(name === '' ? [] : [name]), ...intervals].join(':'));
const setText = fc
  .tuple(fc.array(part, { maxLength: 4 }), fc.constantFrom(',', ', ', ',\n'))
  .map(([parts, comma]) => parts.join(comma));
const pairs = fc.array(fc.tuple(setText, setText), { minLength: 1, maxLength: PAIRS, size: 'max' });

type Answer = { printed: string; union: string; rest: string; inside: boolean };

describe('sets of GTIDs', () => {
  let room: string;
  let one: Instance;

  beforeAll(async () => {
    room = await makeRoom();
    one = await Instance.boot(room, 1);
  });
  afterAll(() => cleanUp(room, [one].filter(Boolean)));

  async function asMysql(questions: [a: string, b: string][]): Promise<Answer[]> {
    const select = `SELECT GTID_SUBTRACT(?, '') AS printed, GTID_SUBTRACT(CONCAT_WS(',', ?, ?), '') AS whole,
      GTID_SUBTRACT(?, ?) AS rest, GTID_SUBSET(?, ?) AS inside`;
    const sql = questions.map(() => select).join(' UNION ALL ');
    const values = questions.flatMap(([a, b]) => [a, a, b, a, b, b, a]);
    const rows = await one.admin.on('observe', LIMIT, (session) => session.rows(sql, values, LIMIT));
    const text = (value: unknown) => String(value).replaceAll(/\s/g, '');
    return rows.map((row) => ({
      printed: text(row.printed),
      union: text(row.whole),
      rest: text(row.rest),
      inside: Number(row.inside) === 1,
    }));
  }

  function asCore([textA, textB]: [a: string, b: string]): Answer {
    const [a, b] = [parseGtidSet(textA), parseGtidSet(textB)];
    return {
      printed: formatGtidSet(a),
      union: formatGtidSet(unionGtidSets(a, b)),
      rest: formatGtidSet(subtractGtidSets(a, b)),
      inside: containsGtidSet(a, b),
    };
  }

  test('are read, printed, united, subtracted and compared as MySQL does', async () => {
    const counts = { asked: 0, inside: 0, empty: 0 };
    const agree = fc.asyncProperty(pairs, async (questions) => {
      const answers = await asMysql(questions);
      expect(questions.map(asCore)).toEqual(answers);
      counts.asked += answers.length;
      counts.inside += answers.filter((answer) => answer.inside).length;
      counts.empty += answers.filter((answer) => answer.rest === '').length;
    });
    await fc.assert(agree, { seed: SEED, numRuns: RUNS });
    // Questions that all have the same answer would prove little.
    expect(counts.asked).toBeGreaterThan(RUNS * 10);
    expect(counts.inside).toBeGreaterThan(0);
    expect(counts.inside).toBeLessThan(counts.asked);
    expect(counts.empty).toBeLessThan(counts.asked);
  });
});
