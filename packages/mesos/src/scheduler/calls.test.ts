import { describe, expect, it } from 'vitest';
import { codec } from '../wire/codec.ts';
import type { OperationStatus, TaskStatus } from '../wire/generated/types.ts';
import { schedulerCall, schedulerEvent } from '../wire/messages.ts';
import * as calls from './calls.ts';
import { masterEvent } from './events.ts';

const json = (call: calls.Call | undefined) => JSON.parse(schedulerCall.toJson(call ?? {})) as unknown;

describe('calls', () => {
  it('have the form a master expects', () => {
    expect(json(calls.accept(['o1'], [{ type: 'DESTROY', destroy: { volumes: [] } }], 0))).toEqual({
      type: 'ACCEPT',
      accept: {
        offer_ids: [{ value: 'o1' }],
        operations: [{ type: 'DESTROY', destroy: {} }],
        filters: { refuse_seconds: 0 },
      },
    });
    expect(json(calls.decline(['o1', 'o2']))).toEqual({
      type: 'DECLINE',
      decline: { offer_ids: [{ value: 'o1' }, { value: 'o2' }] },
    });
    expect(json(calls.kill('t', 'a', 1500))).toEqual({
      type: 'KILL',
      kill: {
        task_id: { value: 't' },
        agent_id: { value: 'a' },
        kill_policy: { grace_period: { nanoseconds: 1_500_000_000 } },
      },
    });
    expect(json(calls.reconcile([{ taskId: 't' }]))).toEqual({
      type: 'RECONCILE',
      reconcile: { tasks: [{ task_id: { value: 't' } }] },
    });
    expect(json(calls.suppress(['eng']))).toEqual({ type: 'SUPPRESS', suppress: { roles: ['eng'] } });
    expect(json(calls.revive())).toEqual({ type: 'REVIVE', revive: {} });
    expect(json(calls.message('a', 'e', Buffer.from('x')))).toMatchObject({ message: { data: 'eA==' } });
    expect(json(calls.shutdown('a', 'e'))).toMatchObject({ shutdown: { executor_id: { value: 'e' } } });
    expect(json(calls.teardown())).toEqual({ type: 'TEARDOWN' });
  });

  it('acknowledge only what has a uuid', () => {
    const status: TaskStatus = { taskId: { value: 't' }, state: 'TASK_LOST', agentId: { value: 'a' } };
    expect(calls.acknowledge(status)).toBeUndefined();
    const uuid = Buffer.from('0123456789abcdef');
    expect(calls.acknowledge({ ...status, uuid })?.acknowledge?.uuid).toBe(uuid);
  });

  it('acknowledge an operation with the bytes of its uuid message', () => {
    const status: OperationStatus = { state: 'OPERATION_ERROR', operationId: { value: 'op' } };
    expect(calls.acknowledgeOperation(status)).toBeUndefined();
    const uuid = Buffer.from('0123456789abcdef');
    const call = calls.acknowledgeOperation({ ...status, uuid: { value: uuid }, agentId: { value: 'a' } });
    expect(call?.acknowledgeOperationStatus).toEqual({
      operationId: { value: 'op' },
      agentId: { value: 'a' },
      uuid,
    });
  });
});

describe('events', () => {
  // Bodies as recorded from a real master.
  it.each([
    ['{"type":"RESCIND","rescind":{"offer_id":{"value":"o1"}}}', { type: 'rescind', offerId: 'o1' }],
    [
      '{"type":"FAILURE","failure":{"agent_id":{"value":"a"},"executor_id":{"value":"e"},"status":256}}',
      { type: 'failure', agentId: 'a', executorId: 'e', status: 256 },
    ],
    ['{"type":"FAILURE","failure":{"agent_id":{"value":"a"}}}', { type: 'failure', agentId: 'a' }],
    ['{"type":"OFFERS","offers":{}}', { type: 'offers', offers: [] }],
    ['{"type":"HEARTBEAT"}', undefined],
    ['{"type":"SOMETHING_NEW"}', undefined],
  ])('%s', (text, event) => {
    expect(masterEvent(schedulerEvent.fromJson(text))).toEqual(event);
  });

  it('carry statuses as they are', () => {
    const status = codec('OperationStatus').fromJson(
      '{"operation_id":{"value":"op"},"state":"OPERATION_ERROR"}',
    );
    expect(masterEvent({ type: 'UPDATE_OPERATION_STATUS', updateOperationStatus: { status } })).toEqual({
      type: 'operation_update',
      status,
    });
  });
});
