import type { TraceLine } from '../trace/trace.ts';
import type { Replay } from './context.ts';
import { expectEnd, expectEvent } from './events.ts';
import { executorNote } from './executor-notes.ts';
import { operatorNote } from './operator-notes.ts';
import { rawConversation } from './raw.ts';
import { expectAnswer, send } from './requests.ts';
import { acted, patience } from './timing.ts';

/** What a step found: differences, or nothing to compare. */
type Found = string[] | undefined;

async function fetched(replay: Replay, line: TraceLine): Promise<Found> {
  if (line.dir === '>') return undefined;
  const { method, path } = line.http!;
  const find = () =>
    replay.files.fetched.find((one) => !one.used && one.method === method && one.path === path);
  const leftMs = patience(replay, line);
  while (!find() && leftMs() > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const came = find();
  if (!came) return [`${method} ${path} was not fetched`];
  came.used = true;
  return [];
}

async function remark(replay: Replay, line: TraceLine): Promise<Found> {
  if (line.note === 'cut the stream connection') {
    cutStream(replay, line);
    return undefined;
  }
  return line.who === 'executor' ? executorNote(replay, line) : operatorNote(replay, line);
}

/** The recorder says whose stream it cut; the stream's own line follows. */
function cutStream(replay: Replay, line: TraceLine): void {
  const closed = replay.scenario.lines.slice(line.line).find((one) => one.who === line.who && one.closed);
  replay.streams.get(closed?.conn ?? '')?.cut();
  acted(replay, line);
}

async function ended(replay: Replay, line: TraceLine): Promise<Found> {
  if (/^(HTTP|ECONNREFUSED)/.test(line.closed!)) return expectAnswer(replay, line);
  return expectEnd(replay, line);
}

/** Whether the first heartbeat of a subscription, or the two that scenario 02 waits for. */
function isAwaitedHeartbeat(replay: Replay, line: TraceLine): boolean {
  if (replay.scenario.number === '02') return true;
  const earlier = replay.scenario.lines.slice(0, line.line - 1);
  return !earlier.some(({ conn, event }) => conn === line.conn && event?.type === 'HEARTBEAT');
}

async function step(replay: Replay, line: TraceLine): Promise<Found> {
  if (line.raw !== undefined)
    return line.dir === '>' ? void (await rawConversation(replay, line)) : undefined;
  if (line.raw_chunk_base64 !== undefined) return undefined;
  if (line.who === 'fileserver') return fetched(replay, line);
  if (line.dir === '>') {
    await send(replay, line);
    acted(replay, line);
    return undefined;
  }
  if (line.event) {
    if (line.event.type === 'HEARTBEAT' && !isAwaitedHeartbeat(replay, line)) return undefined;
    return expectEvent(replay, line);
  }
  if (line.http || line.error) return expectAnswer(replay, line);
  if (line.closed) return ended(replay, line);
  return line.note ? remark(replay, line) : undefined;
}

/** Replays one line and writes down what it showed. */
export async function play(replay: Replay, line: TraceLine): Promise<void> {
  const found = await step(replay, line);
  if (found === undefined) replay.outcome.mark(line, 'done');
  else if (found.length > 0) replay.outcome.differs(line.line, found);
  else replay.outcome.mark(line, 'same');
}
