import { describe, expect, it } from 'vitest';
import { reconcileOps } from './discovery-ops.ts';
import { encodeMember } from './server-set.ts';

const a = { host: 'h1', port: 1, shard: 0 };
const b = { host: 'h2', port: 2, shard: 1 };
const missing = { exists: false, primary: undefined, replicas: undefined };

const summary = (ops: ReturnType<typeof reconcileOps>): string[] =>
  ops.map((op) => `${op.op} ${op.path}${op.op === 'set' ? `@${op.version}` : ''}`);

describe('reconcileOps', () => {
  it('creates everything for a new cluster', () => {
    expect(summary(reconcileOps('/d/c', missing, { primary: a, replicas: [b] }))).toEqual([
      'create /d/c',
      'create /d/c/master',
      'create /d/c/master/member_',
      'create /d/c/slaves',
      'create /d/c/slaves/member_',
    ]);
  });

  it('moves the primary in one step, each group guarded by its version', () => {
    const current = {
      exists: true,
      primary: { version: 4, members: new Map([['member_7', encodeMember(a)]]) },
      replicas: { version: 9, members: new Map([['member_3', encodeMember(b)]]) },
    };
    expect(summary(reconcileOps('/d/c', current, { primary: b, replicas: [a] }))).toEqual([
      'set /d/c/master@4',
      'remove /d/c/master/member_7',
      'create /d/c/master/member_',
      'set /d/c/slaves@9',
      'remove /d/c/slaves/member_3',
      'create /d/c/slaves/member_',
    ]);
    expect(reconcileOps('/d/c', current, { primary: a, replicas: [b] })).toEqual([]);
    expect(summary(reconcileOps('/d/c', current, { replicas: [b] }))).toEqual([
      'set /d/c/master@4',
      'remove /d/c/master/member_7',
    ]);
  });
});
