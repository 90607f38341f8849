import type { Discovery } from '@cotton/core';
import { expect, it } from 'vitest';
import { DiscoveryPublisher } from './discovery-publisher.ts';
import { settled } from './testing.ts';

const found = (host: string): Discovery => ({
  primary: { instance: 'demo-0', ordinal: 0, host, port: 1, httpPort: 2 },
  replicas: [],
});

function publisher(onFatal: (error: unknown) => void = () => undefined) {
  const written: string[] = [];
  const waiting: (() => void)[] = [];
  const one = new DiscoveryPublisher(
    'demo',
    {
      watchStatuses: () => () => undefined,
      connectedSinceMs: () => 0,
      absenceCounts: () => true,
      async publishDiscovery(_, { primary }) {
        await new Promise<void>((resolve) => waiting.push(resolve));
        if (primary?.host === 'bad') throw new Error('deposed');
        written.push(primary?.host ?? 'none');
      },
      removeDiscovery: async () => void written.push('removed'),
    },
    onFatal,
  );
  const answer = async () => {
    await settled();
    waiting.shift()?.();
    await settled();
  };
  return { one, written, waiting, answer };
}

it('writes one after the other, and leaves out what is overtaken', async () => {
  const { one, written, waiting, answer } = publisher();
  for (const host of ['a', 'b', 'c']) one.want(found(host));
  expect(waiting).toHaveLength(1);
  await answer();
  await answer();
  expect(written).toEqual(['a', 'c']);
  one.want(found('c'));
  expect(waiting).toHaveLength(0);
  one.want(found('a'));
  await answer();
  expect(written).toEqual(['a', 'c', 'a']);
});

it('writes the same again when what was written may be gone', async () => {
  const { one, written, waiting, answer } = publisher();
  one.wantAgain();
  expect(waiting).toHaveLength(0);
  one.want(found('a'));
  await answer();
  one.wantAgain();
  await answer();
  expect(written).toEqual(['a', 'a']);
});

it('removes after what is still being written', async () => {
  const { one, written, answer } = publisher();
  one.want(found('a'));
  one.want(found('b'));
  const removed = one.remove();
  await answer();
  await removed;
  expect(written).toEqual(['a', 'removed']);
});

it('tells once that it cannot write, and tries no more', async () => {
  const errors: unknown[] = [];
  const { one, waiting, answer } = publisher((error) => errors.push(error));
  one.want(found('bad'));
  await answer();
  await settled();
  expect(errors).toEqual([new Error('deposed')]);
  expect(waiting).toHaveLength(0);
});
