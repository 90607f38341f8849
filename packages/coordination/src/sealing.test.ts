import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CoordinationError } from './errors.ts';
import { seal, unseal } from './sealing.ts';

const key = randomBytes(32);
const failed = expect.objectContaining({ code: 'unseal_failed' }) as CoordinationError;

describe('sealing', () => {
  it('gives back any secret', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 100 }),
        fc.string({ maxLength: 20 }),
        (secret, context) => {
          expect(unseal(key, seal(key, secret, context), context)).toBe(secret);
        },
      ),
    );
  });

  it('never gives the same text twice, nor shows the secret', () => {
    const [one, two] = [seal(key, 'hunter2', 'c'), seal(key, 'hunter2', 'c')];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^v1\.[A-Za-z0-9_-]+$/);
  });

  it('opens nowhere else: other context, other key', () => {
    const sealed = seal(key, 's', 'cluster-a/1');
    expect(() => unseal(key, sealed, 'cluster-b/1')).toThrow(failed);
    expect(() => unseal(randomBytes(32), sealed, 'cluster-a/1')).toThrow(failed);
  });

  it('notices every changed bit', () => {
    const [version, encoded] = seal(key, 'secret', 'c').split('.');
    const bytes = Buffer.from(encoded ?? '', 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(() => unseal(key, `${version}.${changed.toString('base64url')}`, 'c')).toThrow(failed);
    }
  });

  it.each(['', 'v1', 'v1.', 'v2.AAAA', `v1.${'A'.repeat(30)}`, `v1.${'A'.repeat(60)}.x`])(
    'refuses %j',
    (text) => {
      expect(() => unseal(key, text, 'c')).toThrow(failed);
    },
  );

  it('insists on 32-byte keys', () => {
    expect(() => seal(Buffer.alloc(16), 's', 'c')).toThrow(RangeError);
    expect(() => unseal(Buffer.alloc(33), 's', 'c')).toThrow(RangeError);
  });
});
