import { describe, expect, it } from 'vitest';
import { stepTimes, summariseSteps } from './chain.ts';

const ORDER = ['detect', 'elect', 'open', 'write'];

describe('step times', () => {
  it('count from the end of the step before', () => {
    expect(stepTimes(ORDER, 1_000, { detect: 1_010, elect: 1_050, open: 1_060, write: 1_100 })).toEqual([
      { step: 'detect', ms: 10 },
      { step: 'elect', ms: 40 },
      { step: 'open', ms: 10 },
      { step: 'write', ms: 40 },
    ]);
  });

  it('give the time of a step that nobody told of to the next', () => {
    expect(stepTimes(ORDER, 1_000, { elect: 1_050, write: 1_100 })).toEqual([
      { step: 'elect', ms: 50 },
      { step: 'write', ms: 50 },
    ]);
  });

  it('are never negative, and still come to the whole', () => {
    const times = stepTimes(ORDER, 1_000, { detect: 999, elect: 1_050, open: 1_049.4, write: 1_100 });
    expect(times.map(({ ms }) => ms)).toEqual([0, 50, 0, 50]);
  });
});

describe('their summary', () => {
  it('keeps the order and says how many runs told of a step', () => {
    const runs = [
      stepTimes(ORDER, 0, { detect: 10, elect: 30, write: 60 }),
      stepTimes(ORDER, 0, { detect: 30, write: 40 }),
    ];
    expect(summariseSteps(ORDER, runs)).toEqual([
      { step: 'detect', median: 10, max: 30, count: 2 },
      { step: 'elect', median: 20, max: 20, count: 1 },
      { step: 'write', median: 10, max: 30, count: 2 },
    ]);
  });
});
