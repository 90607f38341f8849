import { describe, expect, it } from 'vitest';
import { linkTo, parseRoute } from './route.ts';

describe('routes', () => {
  it('read what links say', () => {
    for (const route of [{ page: 'list' }, { page: 'create' }, { page: 'cluster', name: 'a-b_1' }] as const)
      expect(parseRoute(linkTo(route))).toEqual(route);
  });

  it.each(['', '#', '#/', '#/nonsense', '#/clusters', '#/clusters/'])('%j is the list', (hash) =>
    expect(parseRoute(hash)).toEqual({ page: 'list' }),
  );

  it('survive what is not encoded well', () =>
    expect(parseRoute('#/clusters/%E0%A4%A')).toEqual({ page: 'cluster', name: '%E0%A4%A' }));
});
