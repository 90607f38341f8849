import { applyEdit } from '@cotton/bundle';
import { root } from '@cotton/start';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { faultNamed } from './faults/index.ts';
import { isCaught, TRAPS } from './traps.ts';

// Playing one takes a minute or more: here only that they still fit the code.
it.each(TRAPS.map((trap) => [trap.name, trap] as const))('%s changes what it is about', async (_, trap) => {
  const source = await readFile(join(root, trap.file), 'utf8');
  expect(applyEdit(source, trap)).not.toBe(source);
  expect(faultNamed(trap.fault)).toBeDefined();
});

it('refuses an edit whose text is not there, or twice', () => {
  const edit = { file: 'a.ts', snippet: 'x > 1', replacement: 'x > $& 2' };
  expect(applyEdit('if (x > 1)', edit)).toBe('if (x > $& 2)');
  for (const source of ['if (x > 3)', 'x > 1, x > 1'])
    expect(() => applyEdit(source, edit)).toThrow(/stands \d times/);
});

it('takes other trouble for no proof', () => {
  const [trap] = TRAPS;
  if (!trap) throw new Error('there are no traps');
  expect(isCaught(trap, { violations: ['not recovered: lost: 1'] })).toBe(false);
  expect(isCaught(trap, { violations: ['differs: 1', `${trap.shows[0]}: 1`] })).toBe(true);
});
