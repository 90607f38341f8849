import { expect, it } from 'vitest';
import type { StoredCluster } from '../engine/ports.ts';
import { KnownRecords } from './known-records.ts';

/** A store of versions by uid. */
function storeOf(versions: Record<string, number>) {
  return {
    uids: async () => Object.keys(versions),
    read: async (uid: string) => {
      const version = versions[uid];
      return version === undefined ? undefined : { uid, record: {}, version };
    },
  };
}

const known = (versions: Record<string, number>): KnownRecords =>
  new KnownRecords(
    Object.entries(versions).map(([uid, version]) => ({ record: { uid }, version }) as StoredCluster),
  );

it('takes what was written last, or later, for right', async () => {
  const records = known({ a: 3, b: 0 });
  await records.write('a', async () => 4);
  await records.write('c', async () => 0);
  await records.confirm(storeOf({ a: 4, b: 1, c: 0 }));
  await records.write('b', async () => null);
  await records.confirm(storeOf({ a: 4, c: 0 }));
});

it.each([
  ['older', { a: 2, b: 0 }],
  ['gone', { b: 0 }],
  ['back', { a: 3, b: 0, removed: 7 }],
])('notices a record that is %s', async (_, stored) => {
  const records = known({ a: 3, b: 0, removed: 7 });
  await records.write('removed', async () => null);
  await expect(records.confirm(storeOf(stored))).rejects.toMatchObject({ code: 'conflict' });
});

it('leaves a record alone that is being written', async () => {
  const records = known({ a: 3 });
  const answer = Promise.withResolvers<number>();
  const writes = [records.write('a', () => answer.promise), records.write('new', () => answer.promise)];
  await records.confirm(storeOf({ new: 0 }));
  answer.resolve(4);
  await Promise.all(writes);
  await records.confirm(storeOf({ a: 4, new: 4 }));
});
