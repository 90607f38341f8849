import { describe, expect, it } from 'vitest';
import { DEFAULT_SIZE, formatDataSize, formatSize, parseDataSize, parseSize } from './sizes.ts';

describe('parseDataSize', () => {
  it.each([
    ['512mb', 512],
    ['2gb', 2048],
    ['1.5GB', 1536],
    ['2TB', 2 * 1024 ** 2],
    [' 3 gb ', 3072],
    ['1kb', 1],
    ['0.1mb', 1],
  ])('%s is %d MB', (text, mb) => expect(parseDataSize(text)).toEqual({ mb }));

  it.each([
    ['512', 'no unit'],
    ['512 parsecs', 'unknown unit'],
    ['-1gb', 'positive amount'],
    ['0mb', 'not positive'],
    ['1e9gb', 'positive amount'],
    ['', 'positive amount'],
    ['gb', 'positive amount'],
    [512, 'with a unit'],
  ])('%j is refused: %s', (text, why) =>
    expect(parseDataSize(text)).toEqual({ wrong: expect.stringContaining(why) }),
  );

  it('knows no unit by the name of an object member', () =>
    expect(parseDataSize('1constructor')).toEqual({ wrong: expect.stringContaining('unknown unit') }));
});

describe('formatDataSize', () => {
  it('gives back what parsing reads', () => {
    for (const mb of [1, 512, 1000, 1024, 1536, 2048, 1024 ** 2, 3 * 1024 ** 2 + 1])
      expect(parseDataSize(formatDataSize(mb))).toEqual({ mb });
  });
});

describe('parseSize', () => {
  it.each([undefined, null, ''])('defaults for %j', (input) =>
    expect(parseSize(input)).toEqual({ size: DEFAULT_SIZE }),
  );

  it('reads form text and JSON objects alike', () => {
    const size = { cpus: 0.5, memMb: 1024, diskMb: 4096 };
    expect(parseSize('{"cpus": 0.5, "mem": "1gb", "disk": "4gb"}')).toEqual({ size });
    expect(parseSize({ cpus: '0.5', mem: '1024mb', disk: '4gb' })).toEqual({ size });
    expect(parseSize(formatSize(size))).toEqual({ size });
  });

  it.each([
    ['512mb', 'JSON object'],
    ['[1]', 'JSON object'],
    ['{"cpus": 1', 'JSON object'],
    ['{"cpus": 1, "mem": "1gb"}', 'lacks disk'],
    [{ cpus: 1, mem: '1gb', disk: '2gb', dsk: '1' }, 'unknown key "dsk"'],
    [{ cpus: 0, mem: '1gb', disk: '2gb' }, 'cpus'],
    [{ cpus: -1, mem: '1gb', disk: '2gb' }, 'cpus'],
    [{ cpus: NaN, mem: '1gb', disk: '2gb' }, 'cpus'],
    [{ cpus: 1, mem: '-1gb', disk: '2gb' }, 'mem'],
    [{ cpus: 1, mem: '1gb', disk: '2' }, 'disk "2" has no unit'],
    [{ cpus: 1e6, mem: '1gb', disk: '2gb' }, 'at most'],
  ])('refuses %j', (input, why) => {
    expect(parseSize(input)).toEqual({
      problem: { code: 'invalid_size', message: expect.stringContaining(why) },
    });
  });

  it('says what MySQL needs at least', () => {
    const result = parseSize({ cpus: 1, mem: '16mb', disk: '2gb' });
    expect(result).toMatchObject({
      problem: { code: 'size_too_small', message: expect.stringContaining('384mb') },
    });
  });
});
