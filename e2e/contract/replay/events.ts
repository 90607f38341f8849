import type { JsonObject, TraceLine } from '../trace/trace.ts';
import { differences } from './compare.ts';
import type { Replay } from './context.ts';
import type { EventStream, ReceivedEvent } from './event-stream.ts';
import { expectOffers } from './offers.ts';
import { patience, tooEarly } from './timing.ts';

interface Named {
  value?: string;
}

const value = (named: unknown): string => (named as Named | undefined)?.value ?? '';

/**
 * Events that keep their order among themselves. Between lanes the recording itself shows races (facts 2,
 * 41, 77); where the order is a fact, the fact's test checks it.
 */
export function laneOf(event: JsonObject): string {
  const type = String(event.type);
  const part = event[type.toLowerCase()] as Record<string, unknown> | undefined;
  if (type === 'UPDATE') return `UPDATE ${value((part?.status as Record<string, unknown>)?.task_id)}`;
  if (type === 'UPDATE_OPERATION_STATUS')
    return `OPERATION ${value((part?.status as Record<string, unknown>)?.operation_id)}`;
  if (type === 'ACKNOWLEDGED') return `ACKNOWLEDGED ${value(part?.task_id)}`;
  if (type === 'FAILURE') return `FAILURE ${value(part?.executor_id)}`;
  return type;
}

/** Lanes whose events may change places: which of several came first is chance. */
const UNORDERED = /^(RESCIND|ACKNOWLEDGED|FAILURE|TASK_|AGENT_|MESSAGE)/;

/** Compares one recorded event with the target's. */
export async function expectEvent(replay: Replay, line: TraceLine): Promise<string[]> {
  const recorded = line.event!;
  const stream = replay.streams.get(line.conn!);
  if (!stream) return ['no stream is open for this event'];
  if (recorded.type === 'OFFERS') return expectOffers(replay, stream, line);
  if (recorded.type === 'RESCIND') return expectRescind(replay, stream, line);
  const lane = laneOf(recorded);
  const candidates = () => stream.events.filter((one) => !one.used && laneOf(one.event) === lane);
  const fits = (one: ReceivedEvent) => probe(replay, recorded, one.event).length === 0;
  const choose = () =>
    UNORDERED.test(lane) ? (candidates().find(fits) ?? candidates()[0]) : candidates()[0];
  const came = await stream.until(choose, patience(replay, line));
  if (!came) return [`${lane} did not come`];
  came.used = true;
  replay.outcome.place(line, stream, came.index);
  const found = replay.ids.attempt(() => differences(recorded, came.event, replay.ids));
  if (found.length > 0 && isFetchFailure(replay, line) && /^failure\.status: /.test(found.join())) return [];
  return [...found, ...wrongMoment(replay, line, came)];
}

/**
 * Whether the executor of a FAILURE ended with a failed fetch: the recording shows 256 and 9 for the same kind of
 * failure (07:316, 07:352), as the launcher was faster or the agent that destroyed the container.
 */
function isFetchFailure(replay: Replay, { event }: TraceLine): boolean {
  const failure = event!.failure as { executor_id?: { value: string } } | undefined;
  const executor = failure?.executor_id?.value;
  return replay.scenario.lines.some(({ event: other }) => {
    const status = (other?.update as { status?: { executor_id?: { value: string }; message?: string } })
      ?.status;
    return status?.executor_id?.value === executor && /^Failed to .*fetch/.test(status?.message ?? '');
  });
}

/** Tries a comparison and keeps nothing of it. */
function probe(replay: Replay, recorded: JsonObject, actual: JsonObject): string[] {
  let found: string[] = [];
  replay.ids.attempt(() => {
    found = differences(recorded, actual, replay.ids);
    return ['only a probe'];
  });
  return found;
}

function wrongMoment(replay: Replay, line: TraceLine, came: ReceivedEvent): string[] {
  const { type } = came.event;
  if (type === 'HEARTBEAT') return heartbeatEarly(replay, line, came);
  // When an executor's end is noticed is the machine's affair.
  return type === 'FAILURE' ? [] : tooEarly(replay, line, came.atMs);
}

const HEARTBEAT_MS = 15_000;
const HEARTBEAT_TOLERANCE_MS = 500;

function heartbeatEarly(replay: Replay, line: TraceLine, came: ReceivedEvent): string[] {
  const stream = replay.streams.get(line.conn!)!;
  const before = stream.events
    .filter((one) => one.event.type === 'HEARTBEAT' && one.index < came.index)
    .at(-1);
  if (!before) return [];
  const gap = came.atMs - before.atMs;
  // The one before may have been late, and this one.
  const tolerance = HEARTBEAT_TOLERANCE_MS + replay.strain.lostMs(before.atMs - HEARTBEAT_MS);
  return Math.abs(gap - HEARTBEAT_MS) > tolerance
    ? [`heartbeat ${Math.round(gap)} ms after the one before`]
    : [];
}

/** One rescind of the target may answer several recorded ones, and the other way round. */
async function expectRescind(replay: Replay, stream: EventStream, line: TraceLine): Promise<string[]> {
  const { offer_id: recorded } = line.event!.rescind as { offer_id: { value: string } };
  const wanted = replay.ids.offer(recorded.value);
  const gone = () => {
    for (const one of stream.events)
      if (one.event.type === 'RESCIND') {
        one.used ||= wanted.includes(value((one.event.rescind as JsonObject).offer_id));
        if (one.used) stream.rescinded.add(value((one.event.rescind as JsonObject).offer_id));
      }
    return wanted.every((id) => stream.rescinded.has(id)) || undefined;
  };
  if (!(await stream.until(gone, patience(replay, line)))) return [`no RESCIND of ${recorded.value}`];
  const came = stream.events.find(
    ({ event }) => event.type === 'RESCIND' && wanted.includes(value((event.rescind as JsonObject).offer_id)),
  );
  if (came) replay.outcome.place(line, stream, came.index);
  return came ? tooEarly(replay, line, came.atMs) : [];
}

/** A rescind takes its offer from those that wait to be compared. */
export async function expectEnd(replay: Replay, line: TraceLine): Promise<string[]> {
  const stream = replay.streams.get(line.conn!);
  if (!stream) return [];
  await stream.until(() => stream.ended || undefined, patience(replay, line));
  if (!stream.ended) return [`the stream is still open (recorded: ${line.closed})`];
  if (line.closed === 'end of stream' && stream.broken)
    return [`the stream broke (${stream.broken}) instead of ending`];
  return [];
}

/**
 * An executor that ended at once did not read its last acknowledgements, and a message around a fault is
 * delivered or lost (fact 32).
 */
const MAY_COME = new Set(['HEARTBEAT', 'ACKNOWLEDGED']);

const mayCome = ({ type, message }: JsonObject): boolean =>
  MAY_COME.has(String(type)) || (type === 'MESSAGE' && !('agent_id' in (message as JsonObject)));

/** A given target may have more agents than the recording. */
function isOfOurAgent(replay: Replay, offer: JsonObject): boolean {
  const { port } = (offer.url as unknown as { address: { port: number } }).address;
  return [...replay.endpoints.values()].some((endpoint) => endpoint.port === port);
}

/** What came and no line of the recording asked for. */
export function unexpectedEvents(replay: Replay): void {
  for (const [connection, stream] of replay.streams) {
    for (const { event, used, duringLine } of stream.events)
      if (!used && !mayCome(event))
        replay.outcome.differs(duringLine, [`not recorded: ${JSON.stringify(event).slice(0, 400)}`]);
    const last = replay.scenario.lines.findLast(({ conn }) => conn === connection)!.line;
    for (const { offer, used, received } of stream.offers) {
      if (used || stream.rescinded.has(offer.id.value) || !isOfOurAgent(replay, offer)) continue;
      if (last - received.duringLine < LAST_LINES) continue;
      replay.outcome.differs(received.duringLine, [
        `offer not recorded: ${JSON.stringify(offer.resources).slice(0, 400)}`,
      ]);
    }
  }
}

/** An offer that comes while a subscription ends was simply not awaited by the recorder. */
const LAST_LINES = 12;
