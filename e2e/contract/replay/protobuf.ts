import { executorEvent, schedulerEvent } from '@cotton/mesos';
import type { JsonObject, Scenario } from '../trace/trace.ts';
import type { Decode } from './event-stream.ts';

/** Records of a protobuf stream as the JSON the other scenarios compare. */
export function protobufDecoder(who: string): Decode {
  const codec = who === 'executor' ? executorEvent : schedulerEvent;
  return (record) => JSON.parse(codec.toJson(codec.decode(record) as never)) as JsonObject;
}

/** The recorder's own directory stands in the bytes as it was. */
const RECORDERS_DIRECTORY = /\/tmp\/trace\/var\/19-protobuf/g;

const withPlaceholders = (event: JsonObject): JsonObject =>
  JSON.parse(JSON.stringify(event).replace(RECORDERS_DIRECTORY, '<TMP>')) as JsonObject;

/**
 * The recorder printed protobuf records in its own way (64-bit numbers as text, defaults left out): its bytes
 * are read again, by the decoder that reads the target's.
 */
export function withDecodedEvents(scenario: Scenario): Scenario {
  const lines = scenario.lines.map((line) =>
    line.event && line.base64
      ? { ...line, event: withPlaceholders(protobufDecoder(line.who)(Buffer.from(line.base64, 'base64'))) }
      : line,
  );
  return { ...scenario, lines };
}
