import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRecord, RecordDecoder } from './recordio.ts';

const text = (records: Buffer[]) => records.map((record) => record.toString('utf8'));

describe('RecordIO', () => {
  it('survives any chunking of any text', () => {
    const bodies = fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 6 });
    const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(bodies, cuts, (sent, sizes) => {
        const stream = Buffer.concat(sent.map((body) => encodeRecord(Buffer.from(body))));
        const decoder = new RecordDecoder();
        const got: Buffer[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length] as number;
          got.push(...decoder.decode(stream.subarray(at, at + size)));
          at += size;
        }
        expect(text(got)).toEqual(sent);
        expect(decoder.atBoundary).toBe(true);
      }),
    );
  });

  it('counts bytes, not characters, and splits within one', () => {
    const record = encodeRecord(Buffer.from('zażółć 🐘'));
    const decoder = new RecordDecoder();
    const got = [...record].flatMap((byte) => [...decoder.decode(Buffer.of(byte))]);
    expect(text(got)).toEqual(['zażółć 🐘']);
  });

  it('gives the empty record of a heartbeat-like stream at once', () => {
    expect(text([...new RecordDecoder().decode(Buffer.from('0\n0\n2\nok'))])).toEqual(['', '', 'ok']);
  });

  it('knows whether the stream ended within a record', () => {
    const decoder = new RecordDecoder();
    expect([...decoder.decode(Buffer.from('5'))].length).toBeLessThan(2);
    expect(decoder.atBoundary).toBe(false);
    expect([...decoder.decode(Buffer.from('\nab'))].length).toBeLessThan(2);
    expect(decoder.atBoundary).toBe(false);
    expect([...decoder.decode(Buffer.from('cde'))].length).toBeLessThan(2);
    expect(decoder.atBoundary).toBe(true);
  });

  it.each(['\n', '-1\n', ' 5\n', '0x10\n', '1e3\n', '5\r\n', '{"type"', '12345678901\n'])(
    'refuses the size %j',
    (bytes) => {
      expect(() => [...new RecordDecoder().decode(Buffer.from(bytes))]).toThrow('not a record size');
    },
  );

  it('gives the good records before a bad size', () => {
    const decoding = new RecordDecoder().decode(Buffer.from('2\nok!'));
    expect(decoding.next().value?.toString()).toBe('ok');
    expect(() => decoding.next()).toThrow('not a record size');
  });

  it('refuses a size above the limit without waiting for the body', () => {
    expect(() => [...new RecordDecoder(100).decode(Buffer.from('101\n'))]).toThrow('limit 100');
    expect(() => [...new RecordDecoder().decode(Buffer.from('9999999999\n'))]).toThrow('limit');
  });
});
