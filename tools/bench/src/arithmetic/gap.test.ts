import { describe, expect, it } from 'vitest';
import { writeGap } from './gap.ts';

describe('the write gap', () => {
  it('is from the last acknowledged write before the fault to the next one', () => {
    expect(writeGap([80, 90, 100, 350, 355], 104)).toEqual({ lastMs: 100, nextMs: 350, ms: 250 });
  });

  it('begins with an answer that arrived after the fault', () => {
    expect(writeGap([100, 106, 350, 352], 104)).toEqual({ lastMs: 106, nextMs: 350, ms: 244 });
  });

  it('does not mind the order in which clients report', () => {
    expect(writeGap([350, 100, 90, 355], 104)?.ms).toBe(250);
  });

  it('leaves out pauses that were over before the fault', () => {
    expect(writeGap([0, 500, 505, 520], 510)?.ms).toBe(15);
  });

  it('is not known while nothing is acknowledged after the fault, or nothing was before', () => {
    expect(writeGap([80, 90, 100], 104)).toBeUndefined();
    expect(writeGap([350], 104)).toBeUndefined();
    expect(writeGap([], 104)).toBeUndefined();
  });
});
