import { describe, expect, it } from 'vitest';
import { isHungOther, isHungPrimary, type Silence } from './hang-watch.ts';

const BOUND_MS = 3_000;
const well: Silence = { acknowledgement: 0, read: 0, disk: 0, refusal: 0, work: 0, transfer: 0 };
const stopped = { acknowledgement: 3_500, read: 3_000, work: 2_500, transfer: 2_500 };

describe('isHungPrimary', () => {
  const cases: [string, Partial<Silence>, boolean][] = [
    ['all is well', {}, false],
    ['nobody acknowledges: no hang', { acknowledgement: 60_000 }, false],
    [
      'idle behind a global read lock: no hang',
      { acknowledgement: 60_000, work: 60_000, transfer: 60_000 },
      false,
    ],
    ['stopped', stopped, true],
    ['stopped, but acknowledged a moment ago', { ...stopped, acknowledgement: 2_900 }, false],
    ['stopped only just', { ...stopped, read: 2_900 }, false],
    ['slow, but at work', { ...stopped, work: 300, transfer: 300 }, false],
    ['at work, but silent for long', { ...stopped, read: 15_000, work: 300, transfer: 300 }, true],
    [
      'a dead disk under a mysqld that answers reads',
      { acknowledgement: 3_500, disk: 3_000, transfer: 2_500 },
      true,
    ],
    ['a full disk, however busy', { acknowledgement: 3_500, refusal: 3_000 }, true],
    ['a disk that was full for a moment', { acknowledgement: 3_500, refusal: 1_000 }, false],
    ['a full disk on which writes still succeed', { acknowledgement: 900, refusal: 60_000 }, false],
    ['a slow disk', { acknowledgement: 3_500, disk: 3_000, transfer: 300 }, false],
  ];

  it.each(cases)('%s', (_name, silence, expected) => {
    expect(isHungPrimary({ ...well, ...silence }, BOUND_MS)).toBe(expected);
  });
});

describe('isHungOther', () => {
  it('is patient', () => {
    expect(isHungOther({ ...well, read: 14_000, work: 60_000 })).toBe(false);
    expect(isHungOther({ ...well, read: 15_000, work: 14_500 })).toBe(true);
    expect(isHungOther({ ...well, read: 15_000, work: 100 })).toBe(false);
    expect(isHungOther({ ...well, read: 60_000, work: 100 })).toBe(true);
  });

  it('does not ask its disk: nobody waits for it', () => {
    expect(isHungOther({ ...well, disk: 900_000, transfer: 900_000 })).toBe(false);
  });
});
