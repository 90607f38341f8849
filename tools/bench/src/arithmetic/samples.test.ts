import { describe, expect, it } from 'vitest';
import { quantile, ratios, summarise } from './samples.ts';

describe('quantile', () => {
  it('is always one of the samples, in any order', () => {
    const samples = [40, 10, 30, 20];
    expect([0, 0.25, 0.5, 0.51, 0.99, 1].map((share) => quantile(samples, share))).toEqual([
      10, 10, 20, 30, 40, 40,
    ]);
    expect(samples).toEqual([40, 10, 30, 20]);
  });

  it('takes p99 of a hundred as the second worst', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(quantile(hundred, 0.99)).toBe(99);
  });

  it('knows nothing of no samples', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('summarise', () => {
  it('gives the middle and both ends', () => {
    expect(summarise([3, 1, 2])).toEqual({ count: 3, median: 2, p99: 3, min: 1, max: 3 });
  });
});

describe('ratios', () => {
  it('compares within rounds only, and leaves out what has no partner', () => {
    expect(ratios([90, 40, 7], [100, 50])).toEqual([0.9, 0.8]);
  });
});
