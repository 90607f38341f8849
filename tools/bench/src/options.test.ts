import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('options', () => {
  it('measure everything that is short unless told otherwise', () => {
    const { names, count, rivals } = parseOptions([]);
    expect(names).not.toContain('fetch');
    expect(names).not.toContain('throughput');
    expect(names).toContain('failover');
    expect({ count, rivals }).toEqual({ count: 5, rivals: false });
  });

  it('take faults in our order and refuse those that do not exist', () => {
    expect(parseOptions(['failover', '--fault', 'switchover, kill', '--rivals'])).toMatchObject({
      names: ['failover'],
      faults: ['kill', 'switchover'],
      rivals: true,
    });
    expect(() => parseOptions(['failover', '--fault', 'flood'])).toThrow(/no fault "flood"; there are kill/);
    expect(() => parseOptions(['nothing'])).toThrow(/no benchmark "nothing"/);
    expect(() => parseOptions(['--count', '0'])).toThrow(/--count/);
  });
});
