import { describe, expect, it } from 'vitest';
import { decodeStateFile, encodeStateFile, type StateFile } from './state-file.ts';

const file: StateFile = {
  version: 3,
  removed: false,
  pending: [
    { op: 'set', path: '/control/u', data: Buffer.from([0, 10, 255]), version: 2 },
    { op: 'remove', path: '/control/v', version: 0 },
  ],
  record: Buffer.from('{"a":\n1}\u0000'),
};

describe('state file', () => {
  it('comes back as it was written, whatever bytes the record has', () => {
    expect(decodeStateFile(encodeStateFile(file), 'f')).toEqual(file);
    const empty = { ...file, record: Buffer.alloc(0), pending: [], removed: true };
    expect(decodeStateFile(encodeStateFile(empty), 'f')).toEqual(empty);
  });

  it.each([
    ['', /first line/],
    ['{', /first line is not JSON/],
    ['null\n', /format undefined/],
    ['{"format":2,"version":1,"removed":false,"pending":[]}\nx', /format 2/],
    ['{"format":1,"version":1,"removed":false,"pending":[]}', /lacks members/],
    ['{"format":1,"version":"1","removed":false,"pending":[]}\n', /lacks members/],
  ])('%j is corrupt, and the error names the file', (text, problem) => {
    const decode = () => decodeStateFile(Buffer.from(text), '/dir/u.state');
    expect(decode).toThrow(expect.objectContaining({ code: 'corrupt_state' }));
    expect(decode).toThrow(/^\/dir\/u\.state/);
    expect(decode).toThrow(problem);
  });
});
