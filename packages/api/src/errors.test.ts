import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ApiError, ERRORS, toProblem } from './errors.ts';
import { SCHEDULER_EXIT_CODES } from './exit-codes.ts';
import { CLUSTER_STATES, MEMBER_STATES } from './states.ts';
import { VARS } from './vars.ts';

const page = (name: string) =>
  readFileSync(new URL(`../../../docs/reference/${name}.md`, import.meta.url), 'utf8');

/** The rows of the table under a heading, as arrays of cells. */
function tableUnder(heading: string, text: string): string[][] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('docs/reference/errors.md', () => {
  it('lists the same errors as the code', () => {
    const inCode = Object.entries(ERRORS).map(([code, { status, title, remedy }]) => [
      `\`${code}\``,
      String(status),
      title,
      remedy,
    ]);
    expect(tableUnder('API errors', page('errors'))).toEqual(inCode);
  });

  it('lists the same exit codes of the scheduler', () => {
    const inCode = Object.values(SCHEDULER_EXIT_CODES).map(({ code, meaning }) => [String(code), meaning]);
    expect(tableUnder('How the scheduler exits', page('errors'))).toEqual(inCode);
  });
});

describe('docs/reference/http.md', () => {
  it('lists the same metric names', () =>
    expect(tableUnder('GET /vars.json', page('http')).map(([name]) => name)).toEqual(
      VARS.map((name) => `\`${name}\``),
    ));
});

describe('docs/reference/http.md on states', () => {
  const words = tableUnder('GET /clusters/NAME', page('http')).map(([word]) => word);
  it('explains each state of a cluster and of a member', () => {
    for (const state of [...CLUSTER_STATES, ...MEMBER_STATES]) expect(words).toContain(`\`${state}\``);
  });
});

describe('toProblem', () => {
  it('is complete', () =>
    expect(toProblem(new ApiError('cluster_exists', "A cluster 'demo' exists."))).toEqual({
      type: 'urn:cotton:error:cluster_exists',
      code: 'cluster_exists',
      title: ERRORS.cluster_exists.title,
      status: 409,
      detail: "A cluster 'demo' exists.",
      remedy: ERRORS.cluster_exists.remedy,
    }));

  it('never shows a client-side code', () =>
    expect(toProblem(new ApiError('unreachable', 'x'))).toMatchObject({
      code: 'internal_error',
      status: 500,
    }));
});
