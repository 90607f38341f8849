import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameSplitter } from './frames.ts';

function frame(body: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeInt32BE(body.length);
  return Buffer.concat([header, body]);
}

describe('FrameSplitter', () => {
  it('gives the same frames however the stream is cut', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });
    const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
    fc.assert(
      fc.property(bodies, cuts, (bodies, cuts) => {
        const stream = Buffer.concat(bodies.map(frame));
        const splitter = new FrameSplitter();
        const frames: Buffer[] = [];
        for (let offset = 0, i = 0; offset < stream.length; i += 1) {
          const size = cuts[i % cuts.length] as number;
          frames.push(...splitter.push(stream.subarray(offset, offset + size)));
          offset += size;
        }
        expect(frames.map((one) => one.toString('hex'))).toEqual(
          bodies.map((body) => frame(body).toString('hex')),
        );
      }),
    );
  });

  it('takes a burst of a hundred thousand small frames', () => {
    const burst = Buffer.concat(Array.from({ length: 100_000 }, () => frame(Buffer.alloc(16))));
    expect(new FrameSplitter().push(burst)).toHaveLength(100_000);
  });

  it('refuses what is no ZooKeeper server', () => {
    expect(() => new FrameSplitter().push(Buffer.from('HTTP/1.1 400 Bad Request'))).toThrow(/packet of/);
  });
});
