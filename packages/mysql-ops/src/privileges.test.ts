import { expect, test } from 'vitest';
import { USER_DYNAMIC_PRIVILEGES, USER_PRIVILEGES, WITHHELD, WRITING_PRIVILEGES } from './privileges.ts';

const given = [...USER_PRIVILEGES, ...USER_DYNAMIC_PRIVILEGES];

test('nothing is both given and withheld', () => {
  expect(given.filter((name) => name in WITHHELD)).toEqual([]);
});

test('what is taken away in single schemas was given', () => {
  expect(WRITING_PRIVILEGES.filter((name) => !given.includes(name))).toEqual([]);
});
