import type { JsonObject, TraceLine } from '../trace/trace.ts';
import { differences } from './compare.ts';
import type { Replay } from './context.ts';
import { rawExchange } from './http.ts';

interface Chunk {
  size: number;
  record: number;
  event: JsonObject;
}

/** Chunks of a chunked answer of RecordIO, each taken as one record. */
function chunksOf(body: string): Chunk[] {
  const chunks: Chunk[] = [];
  let rest = Buffer.from(body);
  while (rest.length > 0) {
    const line = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.subarray(0, line).toString(), 16);
    if (line < 0 || rest.length < line + 2 + size) break;
    const chunk = rest.subarray(line + 2, line + 2 + size).toString('utf8');
    const end = chunk.indexOf('\n');
    const event = JSON.parse(chunk.slice(end + 1)) as JsonObject;
    chunks.push({ size, record: Number(chunk.slice(0, end)), event });
    rest = rest.subarray(line + 2 + size + 2);
  }
  return chunks;
}

const bodyOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4);

const absentTypes = (recorded: Chunk[], received: Chunk[]): Chunk[] =>
  recorded.filter(({ event }) => !received.some((one) => one.event.type === event.type));

/** Replays a conversation on a plain connection (fact 1): one event is one record is one chunk. */
export async function rawConversation(replay: Replay, line: TraceLine): Promise<void> {
  const answers = replay.scenario.lines.filter((one) => one.conn === line.conn && one.dir === '<' && one.raw);
  const [head, ...bodies] = answers;
  const recorded = chunksOf(bodies.map(({ raw }) => raw).join(''));
  const received = await rawExchange(
    replay.endpoints.get('master')!,
    replay.ids.text(line.raw!),
    (text) => absentTypes(recorded, chunksOf(bodyOf(text))).length === 0,
  );
  const names = (text: string) => text.split('\r\n').map((one) => one.split(':')[0]!.toLowerCase());
  const shown = new Set(names(received.slice(0, received.length - bodyOf(received).length)));
  const absent = names(head!.raw!).filter((name) => !shown.has(name));
  replay.outcome.mark(line, 'done');
  if (absent.length > 0) replay.outcome.differs(head!.line, [`absent from the head: ${absent.join(', ')}`]);
  else replay.outcome.mark(head!, 'same');
  const found = compareChunks(replay, recorded, chunksOf(bodyOf(received)));
  for (const answer of bodies)
    if (found.length > 0) replay.outcome.differs(answer.line, found);
    else replay.outcome.mark(answer, 'same');
}

function compareChunks(replay: Replay, recorded: Chunk[], received: Chunk[]): string[] {
  return recorded.flatMap((chunk) => {
    const same = received.find(({ event }) => event.type === chunk.event.type);
    if (!same) return [`no chunk with ${String(chunk.event.type)}`];
    const bytes = Buffer.byteLength(String(same.record)) + 1 + same.record;
    const cut = same.size === bytes ? [] : [`a record of ${same.record} in a chunk of ${same.size} bytes`];
    if (chunk.event.type === 'OFFERS') return cut;
    return [...cut, ...replay.ids.attempt(() => differences(chunk.event, same.event, replay.ids))];
  });
}
