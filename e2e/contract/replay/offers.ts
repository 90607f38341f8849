import type { Json, JsonObject, TraceLine } from '../trace/trace.ts';
import { differences } from './compare.ts';
import type { Replay } from './context.ts';
import type { EventStream, ReceivedOffer } from './event-stream.ts';
import { contains, equal, total } from './resources.ts';
import { patience, tooEarly } from './timing.ts';

type Offer = ReceivedOffer['offer'];

interface AgentUrl {
  address: { port: number };
}

const portOf = (offer: JsonObject): number => (offer.url as unknown as AgentUrl).address.port;
const resourcesOf = (offers: Offer[]) => total(offers.map((offer) => offer.resources));

export const offersOf = (line: TraceLine): Offer[] =>
  line.event?.type === 'OFFERS' ? (line.event.offers as { offers: Offer[] }).offers : [];

/**
 * Compares the offers of an OFFERS line one by one, whatever event they came in: agents that register at
 * different moments come in different events (fact 2). Resources of one agent that were freed between the same
 * two allocations come as one offer, otherwise as several (fact 21): both are accepted, and ids translated.
 */
export async function expectOffers(replay: Replay, stream: EventStream, line: TraceLine): Promise<string[]> {
  const found: string[] = [];
  for (const recorded of offersOf(line)) {
    if (replay.settledOffers.has(recorded.id.value)) continue;
    found.push(...(await expectOffer(replay, stream, line, recorded)));
  }
  return found;
}

async function expectOffer(replay: Replay, stream: EventStream, line: TraceLine, recorded: Offer) {
  const port = replay.ids.port(portOf(recorded));
  const waiting = () => stream.offers.filter(({ offer, used }) => !used && portOf(offer) === port);
  const wanted = total([replay.ids.request(recorded.resources as Json) as Json[]]);
  const complete = () => {
    const offers = waiting();
    const exact = offers.find(({ offer }) => equal(resourcesOf([offer]), wanted));
    if (exact) return [exact];
    return offers.length > 0 && contains(resourcesOf(offers.map(({ offer }) => offer)), wanted)
      ? offers
      : undefined;
  };
  const came = (await stream.until(complete, patience(replay, line))) ?? waiting();
  for (const one of came) one.used = true;
  const first = came[0];
  if (!first) return [`no offer: recorded ${JSON.stringify(recorded.resources).slice(0, 400)}`];
  replay.outcome.place(line, stream, first.received.index);
  replay.ids.bindOffer(
    recorded.id.value,
    came.map(({ offer }) => offer.id.value),
  );
  const early = tooEarly(replay, line, first.received.atMs);
  const offers = came.map(({ offer }) => offer);
  if (came.length === 1 && equal(resourcesOf(offers), wanted))
    return [...early, ...differences(recorded, first.offer, replay.ids)];
  return [...early, ...sameInOtherParts(replay, line, recorded, offers)];
}

/**
 * Several offers for one recorded, or one for several recorded; or what the recording's next allocation gave,
 * because the target's first one came after the same things had happened.
 */
function sameInOtherParts(replay: Replay, line: TraceLine, recorded: Offer, came: Offer[]): string[] {
  const sum = resourcesOf(came);
  const recordedSum = (offers: Offer[]) =>
    total(offers.map(({ resources }) => replay.ids.request(resources) as Json[]));
  const later = laterOffers(replay, line, recorded);
  for (let count = 0; count <= later.length; count += 1) {
    const parts = later.slice(0, count);
    if (!equal(recordedSum([recorded, ...parts]), sum)) continue;
    for (const { id } of parts) {
      replay.ids.bindOffer(
        id.value,
        came.map((offer) => offer.id.value),
      );
      replay.settledOffers.add(id.value);
    }
    return [];
  }
  if (later.some((offer) => equal(recordedSum([offer]), sum))) return [];
  const offered = came.map(({ resources }) => resources);
  return [`offer: recorded ${JSON.stringify(recorded.resources)}, got ${JSON.stringify(offered)}`];
}

/** The next recorded offers of the same agent, as long as they might have come together with this one. */
function laterOffers(replay: Replay, line: TraceLine, recorded: Offer): Offer[] {
  return replay.scenario.lines
    .slice(line.line)
    .filter(({ conn, t_ms }) => conn === line.conn && t_ms - line.t_ms < MERGE_WINDOW_MS)
    .flatMap(offersOf)
    .concat(offersOf(line).filter(({ id }) => id.value !== recorded.id.value))
    .filter((offer) => portOf(offer) === portOf(recorded));
}

const MERGE_WINDOW_MS = 2500;
