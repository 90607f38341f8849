import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChangeFeed, type EventStream } from './change-feed.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class FakeStream implements EventStream {
  readyState = 1;
  readonly #listeners: [string, () => void][] = [];
  addEventListener(type: string, listener: () => void): void {
    this.#listeners.push([type, listener]);
  }
  emit(type: string): void {
    for (const [known, listener] of this.#listeners) if (known === type) listener();
  }
  close(): void {
    this.readyState = 2;
  }
}

function feed() {
  const streams: FakeStream[] = [];
  const changes = new ChangeFeed(() => {
    streams.push(new FakeStream());
    return streams.at(-1)!;
  });
  return { changes, streams };
}

describe('ChangeFeed', () => {
  it('has one stream for all listeners, and none without any', () => {
    const { changes, streams } = feed();
    const heard: string[] = [];
    const stops = ['a', 'b'].map((name) => changes.subscribe(() => void heard.push(name)));
    streams[0]!.emit('change');
    expect({ heard, streams: streams.length }).toEqual({ heard: ['a', 'b'], streams: 1 });
    stops.forEach((stop) => stop());
    expect(streams[0]!.readyState).toBe(2);
    changes.subscribe(() => undefined);
    expect(streams).toHaveLength(2);
  });

  it('leaves reconnecting to the browser, and connects again where that gave up', () => {
    const { changes, streams } = feed();
    changes.subscribe(() => undefined);
    streams[0]!.emit('error');
    vi.advanceTimersByTime(60_000);
    expect(streams).toHaveLength(1);
    streams[0]!.readyState = 2;
    streams[0]!.emit('error');
    vi.advanceTimersByTime(60_000);
    expect(streams).toHaveLength(2);
  });

  it('does not connect again once nobody listens', () => {
    const { changes, streams } = feed();
    const stop = changes.subscribe(() => undefined);
    streams[0]!.readyState = 2;
    streams[0]!.emit('error');
    stop();
    vi.advanceTimersByTime(60_000);
    expect(streams).toHaveLength(1);
  });
});
