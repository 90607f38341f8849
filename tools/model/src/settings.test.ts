import { expect, it } from 'vitest';
import { environmentOf } from './settings.ts';

it('gives members as bit masks, and k only where somebody acknowledges', () => {
  const settings = { members: 4, transactions: 2, voters: [1, 2], k: 1, strangers: [3], elections: 2 };
  expect(environmentOf(settings, 7)).toMatchObject({
    MEMBERS: '4',
    VOTERS: '6',
    ACKS: '1',
    STRANGERS: '8',
    DEAD: '0',
    ELECTIONS: '2',
    BROKEN: '7',
  });
  expect(environmentOf({ ...settings, voters: [] }, 0)).toMatchObject({ VOTERS: '0', ACKS: '0', K: '1' });
});
