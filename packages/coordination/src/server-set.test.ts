import { describe, expect, it } from 'vitest';
import { decodeMember, encodeMember, reconcileGroup } from './server-set.ts';

const a = { host: 'h1', port: 3306, httpPort: 8080, shard: 0 };
const b = { host: 'h2', port: 3307, httpPort: 8081, shard: 1 };

describe('a member', () => {
  it('is written as ServerSet readers expect it', () => {
    expect(JSON.parse(encodeMember(a).toString())).toEqual({
      serviceEndpoint: { host: 'h1', port: 3306 },
      additionalEndpoints: { http: { host: 'h1', port: 8080 } },
      status: 'ALIVE',
      shard: 0,
    });
    expect(JSON.parse(encodeMember({ host: 'h', port: 1 }).toString())).toEqual({
      serviceEndpoint: { host: 'h', port: 1 },
      additionalEndpoints: {},
      status: 'ALIVE',
    });
  });

  it('comes back as it was written', () => {
    expect(decodeMember(encodeMember(a))).toEqual(a);
    expect(decodeMember(encodeMember({ host: 'h', port: 1 }))).toEqual({ host: 'h', port: 1 });
  });

  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"status":"ALIVE"}',
    '{"status":"DEAD","serviceEndpoint":{"host":"h","port":1}}',
  ])('is not what %j says', (text) => expect(decodeMember(Buffer.from(text))).toBeUndefined());
});

describe('reconcileGroup', () => {
  const nodes = (...members: (typeof a)[]): Map<string, Buffer> =>
    new Map(members.map((member, n) => [`member_${n}`, encodeMember(member)]));

  it('does nothing when all is as wanted, in whatever order', () => {
    expect(reconcileGroup(nodes(a, b), [b, a])).toEqual({ remove: [], add: [] });
  });

  it('adds what is missing and takes out what is not wanted', () => {
    expect(reconcileGroup(nodes(a), [b])).toEqual({ remove: ['member_0'], add: [encodeMember(b)] });
  });

  it('replaces a member whose port changed, under a new name', () => {
    const moved = { ...a, port: 4000 };
    expect(reconcileGroup(nodes(a), [moved])).toEqual({ remove: ['member_0'], add: [encodeMember(moved)] });
  });

  it('takes out duplicates and rubbish', () => {
    const current = new Map([...nodes(a, a), ['rubbish', Buffer.from('?')]]);
    expect(reconcileGroup(current, [a])).toEqual({ remove: ['member_1', 'rubbish'], add: [] });
  });
});
