import { expect, it } from 'vitest';
import { EventFeed, type NewEvent } from './event-feed.ts';

const event = (message: string): NewEvent => ({
  kind: 'changed',
  cluster: 'demo',
  uid: 'u',
  epoch: 1,
  message,
  transition: null,
});

function filled(count: number): { feed: EventFeed; ids: string[] } {
  const feed = new EventFeed();
  const ids: string[] = [];
  feed.subscribe(({ id }) => ids.push(id));
  for (let n = 1; n <= count; n++) feed.add(event(`e${n}`), 0);
  return { feed, ids };
}

it('goes on after any event it still knows, the last one included', () => {
  const { feed, ids } = filled(5);
  const messages = (id: string | undefined) => feed.after(id ?? '')?.map(({ message }) => message);
  expect(messages(ids[1])).toEqual(['e3', 'e4', 'e5']);
  expect(messages(ids[4])).toEqual([]);
  expect(messages('')).toBeUndefined();
  expect(messages(`${ids[4]}0`)).toBeUndefined();
  expect(messages(filled(3).ids[1])).toBeUndefined();
});

it('is bounded, and says so to who was away too long', () => {
  const { feed, ids } = filled(10_000);
  expect(feed.after(ids[0] ?? '')).toBeUndefined();
  expect(feed.after(ids.at(-500) ?? '')).toHaveLength(499);
});
