import { describe, expect, it } from 'vitest';
import type { Demo } from './demo.ts';
import type { Introduced } from './introduction.ts';
import { introduction } from './introduction.ts';

const API = 'http://127.0.0.1:5055';

function text(demo: Partial<Demo>, change: Partial<Introduced> = {}): string {
  return introduction({
    stack: { api: API, cotton: '.local/cotton', keep: true, mesos: { masterUrl: 'http://127.0.0.1:5050' } },
    demo: {
      uid: 'abcdefabcdef',
      clusterUrl: 'zk://127.0.0.1:2181/cotton/discover/demo',
      isResumed: false,
      state: 'HEALTHY',
      reason: '3 of 3 members serve',
      seconds: 12.34,
      killPrimary: 'kill -9 $(…)',
      ...demo,
    },
    account: { api: [API] },
    accountFile: 'state/credentials.json',
    ...change,
  });
}

describe('the introduction', () => {
  it('tells what was made', () => {
    expect(text({})).toContain('Cotton is up; "demo" became healthy in 12.3 s.');
    expect(text({})).toContain('kill -9 $(…)');
  });

  it('tells what was resumed, and what it is', () => {
    expect(text({ isResumed: true })).toContain('"demo", kept from an earlier run, is healthy again after');
    const blocked = text({ isResumed: true, state: 'BLOCKED', reason: 'it waits', killPrimary: undefined });
    expect(blocked).toContain('is BLOCKED after 12.3 s: it waits.');
    expect(blocked).not.toContain('kill');
    expect(blocked).not.toContain('undefined');
  });

  it.each([
    [{ api: [API] }, 'in state/credentials.json, where the command finds it'],
    [{ api: ['http://127.0.0.1:5056'] }, 'in state/credentials.json; the command asks for it'],
    [undefined, 'not kept any more'],
  ])('says where the password is: %j', (account, words) => {
    expect(text({ isResumed: true }, { account })).toContain(`  password    ${words}`);
  });
});
