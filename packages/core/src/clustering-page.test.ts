import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MYSQLD_STATES, PHASES } from './documents.ts';
import type { Duty } from './duty.ts';
import { SIBLING_GRACE_MS } from './election.ts';
import { EXPIRY_SLACK_MS } from './in-sync.ts';
import { DEFAULT_DURABILITY, wantedAckCount } from './record.ts';
import { BLOCKED_AFTER_MS, CLUSTER_STATES, MEMBER_STATES } from './view.ts';

const page = readFileSync(new URL('../../../docs/clustering.md', import.meta.url), 'utf8');

function section(heading: string): string {
  return page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
}

/** The words that the table under a heading explains, in their order. */
function explained(heading: string): string[] {
  return [...section(heading).matchAll(/^\| `([\w-]+)`/gm)].map((match) => match[1] ?? '');
}

// A new duty breaks the build here first.
const DUTIES: Record<Duty['kind'], true> = {
  wait: true,
  report: true,
  follow: true,
  lead: true,
  'hand-over': true,
};

describe('docs/clustering.md', () => {
  it.each([
    ['Phases', PHASES],
    ['Duties', Object.keys(DUTIES)],
    ['Cluster states', CLUSTER_STATES],
    ['Member states', MEMBER_STATES],
  ])('explains exactly the words of the code under "%s"', (heading, words) => {
    expect(explained(heading)).toEqual([...words]);
  });

  it('names every state of mysqld', () => {
    for (const state of MYSQLD_STATES) expect(section('Duties')).toContain(`\`${state}\``);
  });

  it('tells the times as they are', () => {
    expect(section('An election')).toContain(`for ${SIBLING_GRACE_MS / 1000} s`);
    expect(section('The electorate')).toContain(
      `stays for two ZooKeeper session timeouts and ${EXPIRY_SLACK_MS / 1000} s`,
    );
    expect(section('Terms')).toContain(`${DEFAULT_DURABILITY.heartbeatBoundMs / 1000} s by default`);
    expect(section('Cluster states')).toContain(`has waited for ${BLOCKED_AFTER_MS / 1000} s`);
  });

  it('tells how many acknowledgements a cluster wants', () => {
    expect(section('Terms')).toContain('0 with one node, 1 with two to four, 2 from five up');
    expect([1, 2, 4, 5, 64].map(wantedAckCount)).toEqual([0, 1, 1, 2, 2]);
  });
});
