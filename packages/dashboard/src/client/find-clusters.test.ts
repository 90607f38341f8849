import { describe, expect, it } from 'vitest';
import { countByState, findClusters, PAGE_SIZE } from './find-clusters.ts';
import { summary } from './testing.ts';

const thousand = Array.from({ length: 1_000 }, (_, n) =>
  summary({
    uid: `u${n}`,
    name: `Cluster${n}`,
    user: n % 2 ? 'odd' : 'even',
    state: n < 3 ? 'BLOCKED' : 'HEALTHY',
  }),
);

describe('findClusters', () => {
  it('shows one page of many', () => {
    const found = findClusters(thousand, { text: '', state: 'any', page: 2 });
    expect(found).toMatchObject({ count: 1_000, page: 2, pages: 20 });
    expect(found.shown.map(({ uid }) => uid)).toEqual(
      Array.from({ length: PAGE_SIZE }, (_, n) => `u${100 + n}`),
    );
  });

  it('searches names and users in any case, and states', () => {
    expect(findClusters(thousand, { text: ' CLUSTER99', state: 'any', page: 0 }).count).toBe(11);
    expect(findClusters(thousand, { text: 'odd', state: 'any', page: 0 }).count).toBe(500);
    expect(findClusters(thousand, { text: 'odd', state: 'BLOCKED', page: 0 }).count).toBe(1);
  });

  it('stays within the pages there are', () => {
    expect(findClusters(thousand, { text: 'cluster5', state: 'any', page: 99 })).toMatchObject({
      page: 2,
      pages: 3,
    });
    expect(findClusters([], { text: '', state: 'any', page: 5 })).toEqual({
      shown: [],
      count: 0,
      page: 0,
      pages: 1,
    });
  });
});

describe('countByState', () => {
  it('names the states that occur', () =>
    expect(countByState(thousand)).toEqual([
      ['HEALTHY', 997],
      ['BLOCKED', 3],
    ]));
});
