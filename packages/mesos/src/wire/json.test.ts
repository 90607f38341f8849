import { describe, expect, it } from 'vitest';
import { codec } from './codec.ts';
import { executorCall, schedulerCall } from './messages.ts';
import { durationInfo, milliseconds } from './time.ts';

describe('the JSON of Mesos', () => {
  it('prints names, doubles, bytes, defaults and order as a master does', () => {
    const json = codec('TaskStatus').toJson({
      timestamp: 15,
      state: 'TASK_RUNNING',
      taskId: { value: 't' },
      uuid: Buffer.from([1, 2, 255]),
      containerStatus: { networkInfos: [{ ipAddresses: [{ ipAddress: '127.0.0.1' }] }] },
      unreachableTime: { nanoseconds: 1795304907407123457n },
    });
    expect(json).toBe(
      '{"task_id":{"value":"t"},"state":"TASK_RUNNING","timestamp":15.0,"uuid":"AQL/",' +
        '"container_status":{"network_infos":[{"ip_addresses":[{"protocol":"IPv4","ip_address":"127.0.0.1"}]}]},' +
        '"unreachable_time":{"nanoseconds":1795304907407123457}}',
    );
  });

  it('prints no default of a deprecated field and no empty list', () => {
    const json = codec('FrameworkInfo').toJson({ user: 'root', name: 'x', roles: [], capabilities: [] });
    expect(json).toBe('{"user":"root","name":"x","failover_timeout":0.0,"checkpoint":false}');
  });

  it('prints doubles to the last digit that counts, always as doubles', () => {
    const scalar = codec('Value.Scalar');
    expect(scalar.toJson({ value: 1795304118.222379 })).toBe('{"value":1795304118.222379}');
    expect(scalar.toJson({ value: 1e100 })).toBe('{"value":1e+100}');
    expect(scalar.toJson({ value: -3 })).toBe('{"value":-3.0}');
  });

  it('reads maps and the numbers a JSON parser would round', () => {
    const { offerFilters } = codec('FrameworkInfo').fromJson(
      '{"user":"a","name":"b","offer_filters":{"eng":{"min_allocatable_resources":{}}}}',
    );
    expect(offerFilters).toEqual({ eng: { minAllocatableResources: {} } });
    expect(codec('TimeInfo').fromJson('{"nanoseconds":1795304907407123457}').nanoseconds).toBe(
      1795304907407123457n,
    );
  });

  it('ignores unknown members and null', () => {
    const text = '{"type":"REVIVE","no_such_field":[1],"revive":null,"framework_id":{"value":"x"}}';
    expect(schedulerCall.fromJson(text)).toEqual({ type: 'REVIVE', frameworkId: { value: 'x' } });
  });

  it('reads an unknown type as absent, but not an unknown required enum', () => {
    expect(schedulerCall.fromJson('{"type":"NO_SUCH_CALL"}')).toEqual({});
    const update = '{"task_id":{"value":"t"},"state":"TASK_DANCING"}';
    expect(() => codec('TaskStatus').fromJson(update)).toThrow("Failed to find enum for 'TASK_DANCING'");
  });

  it('takes a number written as a string', () => {
    const info = codec('FrameworkInfo').fromJson('{"user":"a","name":"b","failover_timeout":"600"}');
    expect(info.failoverTimeout).toBe(600);
  });

  // Messages as real masters gave them for these bodies.
  it.each([
    ['{"type":1}', "Not expecting a JSON number for field 'type'"],
    ['{"type":"SUBSCRIBE","subscribe":"x"}', "Not expecting a JSON string for field 'subscribe'"],
    ['{"type":"SUBSCRIBE","subscribe":{}}', 'Missing required fields: subscribe.framework_info'],
    [
      '{"subscribe":{"framework_info":{}}}',
      'Missing required fields: subscribe.framework_info.user, subscribe.framework_info.name',
    ],
    ['{"decline":{"offer_ids":[{"value":"a"},{}]}}', 'Missing required fields: decline.offer_ids[1].value'],
    [
      '{"acknowledge":{"agent_id":{"value":"x"},"task_id":{"value":"x"},"uuid":"*"}}',
      "Failed to base64 decode bytes field 'uuid': Invalid character '*'",
    ],
  ])('refuses %s', (text, message) => {
    expect(() => schedulerCall.fromJson(text)).toThrow(expect.objectContaining({ code: 'decode', message }));
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"revive":{"roles":"a"}}',
    '{"message":{"agent_id":{"value":"a"},"executor_id":{"value":"b"},"data":"?"}}',
    '{"kill":{}}',
    '{"accept":{"filters":{"refuse_seconds":"soon"}}}',
    '{"framework_id":{"value":1}}',
  ])('refuses %j', (text) => {
    expect(() => schedulerCall.fromJson(text)).toThrow(expect.objectContaining({ code: 'decode' }));
  });
});

describe('protobuf', () => {
  it('names the required field that is missing', () => {
    const kill = { type: 'KILL', kill: {} } as never;
    expect(() => schedulerCall.encode(kill)).toThrow('Missing required fields: kill.task_id');
  });

  it('refuses what a type cannot hold', () => {
    const range = codec('Value.Range');
    expect(() => range.encode({ begin: -1, end: 1 })).toThrow('safe unsigned integer');
    expect(() => range.encode({ begin: 0.5, end: 1 })).toThrow('safe unsigned integer');
    expect(() => codec('TimeInfo').encode({ nanoseconds: 2n ** 63n })).toThrow('64-bit');
    expect(() => codec('TaskStatus').encode({ taskId: { value: 't' }, state: 'NOPE' as never })).toThrow(
      'no such value',
    );
  });

  it('refuses bytes that are no message', () => {
    expect(() => executorCall.decode(Buffer.from('hello'))).toThrow(
      expect.objectContaining({ code: 'decode' }),
    );
    const huge = Buffer.from('08ffffffffffffffffff0110ffffffffffffffffff01', 'hex');
    expect(() => codec('Value.Range').decode(huge)).toThrow('above 2^53');
  });

  it('keeps 64 bits, also negative ones', () => {
    const time = codec('TimeInfo');
    for (const nanoseconds of [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 1795304907407123457n]) {
      expect(time.decode(time.encode({ nanoseconds })).nanoseconds).toBe(nanoseconds);
    }
    expect(milliseconds(durationInfo(1500))).toBe(1500);
  });

  it('leaves out an enum value that it does not know', () => {
    // executor.Call with type 99
    const bytes = executorCall.encode({ executorId: { value: 'e' }, frameworkId: { value: 'f' } });
    const unknown = Buffer.concat([bytes, Buffer.from([0x18, 99])]);
    expect(executorCall.decode(unknown)).toEqual({ executorId: { value: 'e' }, frameworkId: { value: 'f' } });
  });
});
