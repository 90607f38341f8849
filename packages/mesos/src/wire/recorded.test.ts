import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Codec } from './codec.ts';
import { executorCall, executorEvent, schedulerCall, schedulerEvent } from './messages.ts';

interface Line {
  who: string;
  base64?: string;
  call?: unknown;
  event?: unknown;
}

// Protobuf traffic of a real Mesos 1.12 master and agent, recorded by ourselves.
const trace = readFileSync(new URL('../../test/fixtures/19-protobuf.jsonl', import.meta.url), 'utf8');
const messages = trace
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Line)
  .filter((line) => line.base64 !== undefined);

function codecOf(line: Line): Codec<{ type?: string }> {
  const pair = line.who === 'executor' ? [executorCall, executorEvent] : [schedulerCall, schedulerEvent];
  return pair[line.call ? 0 : 1] as Codec<{ type?: string }>;
}

describe('the recorded protobuf traffic of a real Mesos', () => {
  it('is all there', () => {
    expect(messages.length).toBeGreaterThan(20);
  });

  it.each(messages.map((line, index) => [index, typeOf(line), line] as const))(
    '%i %s decodes and encodes to the same bytes',
    (_index, type, line) => {
      const bytes = Buffer.from(line.base64 as string, 'base64');
      const message = codecOf(line).decode(bytes);
      expect(message.type).toBe(type);
      expect(codecOf(line).encode(message).toString('hex')).toBe(withoutCheckpoint(bytes.toString('hex')));
    },
  );

  it.each(messages.map((line, index) => [index, typeOf(line), line] as const))(
    '%i %s goes through JSON unchanged',
    (_index, _type, line) => {
      const message = codecOf(line).decode(Buffer.from(line.base64 as string, 'base64'));
      const viaJson = codecOf(line).fromJson(codecOf(line).toJson(message));
      expect(codecOf(line).toJson(viaJson)).toBe(codecOf(line).toJson(message));
    },
  );

  it('prints an event as the recorder read it', () => {
    const launch = messages.find((line) => typeOf(line) === 'KILL' && line.event) as Line;
    const event = executorEvent.decode(Buffer.from(launch.base64 as string, 'base64'));
    expect(JSON.parse(executorEvent.toJson(event))).toEqual(launch.event);
  });
});

function typeOf(line: Line): string {
  return ((line.call ?? line.event) as { type: string }).type;
}

/** The agent's own AgentInfo has a field 7 (checkpoint) that v1 does not define: bytes 38 01 before its end. */
function withoutCheckpoint(hex: string): string {
  const at = hex.indexOf('408b323801');
  if (at < 0) return hex;
  const shorter = hex.slice(0, at) + '408b32' + hex.slice(at + 10);
  // Both enclosing lengths (the event's `subscribed` and its `agent_info`) are two-byte varints.
  return shorter.replace('12f004', '12ee04').replace('1a9001', '1a8e01');
}
