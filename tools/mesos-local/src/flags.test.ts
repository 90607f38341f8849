import { expect, it } from 'vitest';
import { Flags, parseDurationMs, printDuration } from './flags.ts';

it('reads flags as Mesos does', () => {
  const flags = new Flags(['--port=5050', '--no-hostname_lookup', '--roles', 'eng', '--checkpoint']);
  expect(flags.number('port')).toBe(5050);
  expect(flags.flag('hostname_lookup', true)).toBe(false);
  expect(flags.text('roles')).toBe('eng');
  expect(flags.flag('checkpoint')).toBe(true);
  expect(() => flags.text('zk')).toThrow('--zk is required');
  expect(() => new Flags(['port'])).toThrow('not a flag: port');
});

it.each([
  ['5secs', 5000],
  ['1.5mins', 90_000],
  ['100ms', 100],
  ['15mins', 900_000],
])('%s is %d ms, both ways', (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms);
  expect(printDuration(ms)).toBe(text);
});

it('refuses a duration without a unit', () =>
  expect(() => parseDurationMs('5')).toThrow("not a duration: '5'"));
