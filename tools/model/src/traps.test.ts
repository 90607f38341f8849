import { expect, it } from 'vitest';
import { INVARIANTS, WITNESS } from './invariants.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MODEL } from './checker.ts';
import { readRules, TRAPS, WITH_OLD_CONTROL } from './traps.ts';

it('has a trap for every rule that the model can leave out, and no other', async () => {
  const rules = await readRules();
  expect(rules.map(({ name }) => name).sort()).toEqual(Object.keys(TRAPS).sort());
  expect(rules.map(({ number }) => number)).toEqual(rules.map((_, at) => at + 1));
  expect(Object.keys(TRAPS)).toEqual(expect.arrayContaining(WITH_OLD_CONTROL));
});

it('can say every assertion of the model in words', async () => {
  const text = await readFile(join(MODEL, 'proof.pml'), 'utf8');
  const asserted = [...text.matchAll(/assert\((\w+)\)/g)].map(([, name]) => name);
  expect(asserted.filter((name) => name !== WITNESS.name).sort()).toEqual(Object.keys(INVARIANTS).sort());
  expect(text).toContain(`#define WITNESS ${WITNESS.number}`);
});
