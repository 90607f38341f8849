import { expect, it } from 'vitest';
import { parseLag } from './http-server.ts';

it.each([
  ['10s', 10],
  ['500ms', 0.5],
  ['1.5s', 1.5],
  ['0', 0],
  [undefined, Infinity],
])('a lag of %s is %d seconds', (text, seconds) => {
  expect(parseLag(text)).toBe(seconds);
});

it.each(['', 'soon', '-1s', '1h', '1e3', '10 s'])('%j is no lag', (text) => {
  expect(parseLag(text)).toBeUndefined();
});
