import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Poller, type Live } from './poller.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A poller whose answers the test gives, one by one. */
function polled() {
  const asked: { signal: AbortSignal; answer: (value: string) => void; fail: (error: Error) => void }[] = [];
  const seen: Live<string>[] = [];
  const poller = new Poller<string>({
    load: (signal) =>
      new Promise((answer, fail) => {
        asked.push({ signal, answer, fail });
      }),
    intervalMs: 1_000,
    onChange: (live) => void seen.push(live),
  });
  const settle = (index: number, how: 'answer' | 'fail', text: string) => {
    if (how === 'answer') asked[index]!.answer(text);
    else asked[index]!.fail(new Error(text));
    return vi.advanceTimersByTimeAsync(0);
  };
  return { poller, asked, seen, settle };
}

describe('Poller', () => {
  it('asks again after each answer, one question at a time', async () => {
    const { poller, asked, seen, settle } = polled();
    poller.refresh();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toHaveLength(1);
    await settle(0, 'answer', 'a');
    await vi.advanceTimersByTimeAsync(999);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(2);
    expect(seen).toEqual([{ value: 'a', error: undefined }]);
  });

  it('asks less and less often while it fails, and keeps the last value', async () => {
    const { poller, asked, seen, settle } = polled();
    poller.refresh();
    await settle(0, 'answer', 'a');
    const pauses: number[] = [];
    for (let round = 1; round <= 6; round++) {
      let pause = 0;
      for (; asked.length <= round; pause += 500) await vi.advanceTimersByTimeAsync(500);
      pauses.push(pause);
      await settle(round, 'fail', 'down');
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    expect(seen.at(-1)).toEqual({ value: 'a', error: new Error('down') });
  });

  it('asks soon when something changed, however often it is told so', async () => {
    const { poller, asked, settle } = polled();
    poller.refresh();
    await settle(0, 'answer', 'a');
    for (let n = 0; n < 10; n++) poller.nudge();
    await vi.advanceTimersByTimeAsync(499);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(2);
    // A change on the way: this answer may be from before it.
    poller.nudge();
    await settle(1, 'answer', 'b');
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toHaveLength(3);
  });

  it('is not hurried while it fails', async () => {
    const { poller, asked, settle } = polled();
    poller.refresh();
    await settle(0, 'fail', 'down');
    poller.nudge();
    await vi.advanceTimersByTimeAsync(1_999);
    expect(asked).toHaveLength(1);
  });

  it('drops the answer to a question that a refresh has overtaken', async () => {
    const { poller, asked, seen, settle } = polled();
    poller.refresh();
    poller.refresh();
    expect(asked[0]!.signal.aborted).toBe(true);
    await settle(0, 'answer', 'old');
    await settle(1, 'answer', 'new');
    expect(seen.map(({ value }) => value)).toEqual(['new']);
  });

  it('is silent once stopped', async () => {
    const { poller, asked, seen, settle } = polled();
    poller.refresh();
    poller.stop();
    poller.nudge();
    await settle(0, 'answer', 'late');
    await vi.advanceTimersByTimeAsync(60_000);
    expect({ asked: asked.length, seen }).toEqual({ asked: 1, seen: [] });
  });
});
