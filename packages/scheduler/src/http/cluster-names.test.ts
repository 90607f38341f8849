import { CLUSTER_NAME_PATTERN } from '@cotton/api';
import { clusterNameProblem, RESERVED_CLUSTER_NAMES } from '@cotton/core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/reference/errors.md'), 'utf8');

describe('cluster names', () => {
  it.each([...RESERVED_CLUSTER_NAMES])('the page on errors lists the reserved name %s', (name) => {
    expect(page).toContain(`\`${name}\``);
    expect(clusterNameProblem(name.toUpperCase())).toBe('reserved');
  });

  it.each([
    'a',
    'A-b_9',
    'x'.repeat(48),
    '',
    '9a',
    'ä',
    'a b',
    '../x',
    'a;b',
    'a/b',
    "a'",
    'x'.repeat(49),
    '-a',
    'a\n',
  ])('API and core agree on %j', (name) => {
    expect(new RegExp(CLUSTER_NAME_PATTERN, 'u').test(name)).toBe(clusterNameProblem(name) !== 'malformed');
  });
});
