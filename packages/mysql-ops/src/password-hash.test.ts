import { expect, test } from 'vitest';
import { hashPassword, matchesPassword } from './password-hash.ts';

// Made by MySQL 9.7.4 itself: CREATE USER … IDENTIFIED BY 'secret'; SELECT HEX(authentication_string).
const MADE_BY_MYSQL =
  '244124303041245D106D3B1D710E192C216472051908763538153273592E436D76624C505A7A42427052502E3968664C7933536A432F386A50664165726D3450414D54576A31';

test('agrees with MySQL', () => {
  expect(matchesPassword(Buffer.from('secret'), Buffer.from(MADE_BY_MYSQL, 'hex'))).toBe(true);
  expect(matchesPassword(Buffer.from('Secret'), Buffer.from(MADE_BY_MYSQL, 'hex'))).toBe(false);
});

test.each(['a', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(33), 'x'.repeat(213), '😀'])(
  '%j matches its own hash',
  (password) => {
    const hash = hashPassword(Buffer.from(password));
    expect(hash.toString()).toMatch(/^\$A\$00A\$[./0-9A-Za-z]{63}$/);
    expect(matchesPassword(Buffer.from(password), hash)).toBe(true);
    expect(matchesPassword(Buffer.from(`${password}x`), hash)).toBe(false);
  },
);

test('two hashes of one password differ', () => {
  expect(hashPassword(Buffer.from('a'))).not.toEqual(hashPassword(Buffer.from('a')));
});

test.each(['', '$A$005$', `$A$005$${'x'.repeat(62)}`, 'nonsense'])('%j matches nothing', (stored) => {
  expect(matchesPassword(Buffer.from('a'), Buffer.from(stored))).toBe(false);
});
