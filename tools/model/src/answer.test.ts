import { describe, expect, it } from 'vitest';
import { readAnswer } from './answer.ts';

const ENDED = `
(Spin Version 6.5.2 -- 6 December 2019)

State-vector 164 byte, depth reached 46, errors: 0
    27728 states, stored
    44133 states, matched
pan: elapsed time 0.6 seconds
`;

describe('readAnswer', () => {
  it('takes a search that came to its end', () => {
    expect(readAnswer(ENDED)).toEqual({ kind: 'exhausted', states: 27_728 });
  });

  it('reads large counts as Spin shortens them', () => {
    expect(readAnswer(ENDED.replace('27728', '1.25e+06'))).toMatchObject({ states: 1_250_000 });
  });

  it('names the assertion that failed', () => {
    const output = `pan:1: assertion violated isOnVoters (at depth 33)
pan: wrote failover.pml.trail
Warning: Search not completed
State-vector 164 byte, depth reached 39, errors: 1
     6622 states, stored`;
    expect(readAnswer(output)).toEqual({ kind: 'violated', states: 6_622, what: 'isOnVoters' });
  });

  it.each([
    ['depth', `error: max search depth too small\n${ENDED}`],
    ['memory', `pan: out of memory\n\tpan: reached -DMEMLIM bound\n${ENDED}`],
    ['an interruption', `Interrupted\nWarning: Search not completed\n${ENDED}`],
    ['a crash', 'Segmentation fault'],
    ['a mistake in the model', 'pan:1: assertion violated - invalid array index (at depth 22)\n'],
  ])('takes nothing for proven after running out of depth, memory or luck: %s', (_what, output) => {
    expect(readAnswer(output).kind).toBe('unfinished');
  });
});
