import { Value } from '@sinclair/typebox/value';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './durations.ts';
import { ApiError } from './errors.ts';
import {
  parseCreateRequest,
  parseDeleteRequest,
  parsePatchRequest,
  refusePasswordInQuery,
} from './requests.ts';
import { CreateClusterRequest, PatchClusterRequest } from './request-schemas.ts';
import { DEFAULT_SIZE } from './sizes.ts';
import { parseFailoverRequest, parseSwitchoverRequest } from './transition-requests.ts';

function refusal(read: () => unknown): ApiError {
  try {
    read();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('parseCreateRequest', () => {
  it('reads the form fields of the original', () => {
    const body = {
      cluster_user: 'jane',
      num_nodes: '3',
      size: '{"cpus": 1.0, "mem": "512mb", "disk": "2gb"}',
      backup_id: '',
      cluster_password: 's e c r é t',
    };
    expect(parseCreateRequest(body)).toEqual({
      user: 'jane',
      numNodes: 3,
      size: DEFAULT_SIZE,
      backupId: undefined,
      password: 's e c r é t',
      durability: {},
      promotion: {},
    });
  });

  it('reads JSON, which its schema accepts too', () => {
    const body = { cluster_user: 'jane', num_nodes: 3, size: { cpus: 2, mem: '1gb', disk: '4gb' } };
    expect(Value.Check(CreateClusterRequest, body)).toBe(true);
    expect(parseCreateRequest(body)).toMatchObject({
      numNodes: 3,
      size: { cpus: 2, memMb: 1024, diskMb: 4096 },
    });
  });

  it('has the defaults of the original', () =>
    expect(parseCreateRequest({ cluster_user: 'jane' })).toEqual({
      user: 'jane',
      numNodes: 1,
      size: DEFAULT_SIZE,
      backupId: undefined,
      password: undefined,
      durability: {},
      promotion: {},
    }));

  it.each([0, -1, 1e9, 65, 1.5, '2; drop', '0', '-1', '1e9', ' 3', '٣', true, [3], {}])(
    'refuses num_nodes %j',
    (num_nodes) =>
      expect(refusal(() => parseCreateRequest({ cluster_user: 'a', num_nodes })).code).toBe(
        'invalid_num_nodes',
      ),
  );

  it.each([
    [undefined, 'invalid_user'],
    ['', 'invalid_user'],
    ['a'.repeat(33), 'invalid_user'],
    ["x'; DROP TABLE t; --", 'invalid_user'],
    ['$(reboot)', 'invalid_user'],
    ['ünïcode', 'invalid_user'],
    ['new\nline', 'invalid_user'],
    [7, 'invalid_user'],
    ['root', 'reserved_user'],
    ['Root', 'reserved_user'],
    ['mysql.sys', 'reserved_user'],
    ['cotton_admin', 'reserved_user'],
  ])('refuses the user %j', (cluster_user, code) =>
    expect(refusal(() => parseCreateRequest({ cluster_user })).code).toBe(code),
  );

  it.each(['new\nline', 'quo\'te"', '\\', '\u0001', '密码', ' ', 'x'.repeat(213)])(
    'takes the password %j as it is',
    (password) =>
      expect(parseCreateRequest({ cluster_user: 'a', cluster_password: password }).password).toBe(password),
  );

  it.each(['nul\0', 'x'.repeat(214), 'é'.repeat(107), '\ud800', '\uFFFD', 12345])(
    'refuses the password %j and does not repeat it',
    (cluster_password) => {
      const error = refusal(() => parseCreateRequest({ cluster_user: 'a', cluster_password }));
      expect(error.code).toBe('invalid_password');
      expect(error.message).not.toContain(String(cluster_password));
    },
  );

  it('reports every refused field at once', () => {
    const error = refusal(() => parseCreateRequest({ cluster_user: '', num_nodes: 0, size: '1gb' }));
    expect(error.fields.map(({ field }) => field)).toEqual(['cluster_user', 'num_nodes', 'size']);
    expect(error.status).toBe(400);
  });

  it.each([undefined, null, 'text', [1], 7])('refuses the body %j', (body) =>
    expect(refusal(() => parseCreateRequest(body)).code).toBe('malformed_body'),
  );

  it('refuses fields it does not know', () => {
    const error = refusal(() => parseCreateRequest({ cluster_user: 'a', num_node: 3 }));
    expect(error).toMatchObject({ code: 'unknown_field', fields: [{ field: 'num_node' }] });
  });
});

describe('durability and promotion', () => {
  it('come as JSON, which the schema accepts too, or as JSON text in a form field', () => {
    const durability = { acks: 2, min_in_sync: 1, policy: 'unsafe_available', heartbeat_bound: '5s' };
    const promotion = { 'demo-1': 'prefer', 'demo-2': 'never' };
    const wanted = {
      durability: { acks: 2, minInSync: 1, policy: 'unsafe_available', heartbeatBoundMs: 5_000 },
      promotion,
    };
    const { policy: _, ...checkable } = durability;
    expect(Value.Check(PatchClusterRequest, { durability: checkable })).toBe(true);
    expect(parsePatchRequest({ durability, promotion })).toEqual(wanted);
    const form = { durability: JSON.stringify(durability), promotion: JSON.stringify(promotion) };
    expect(parseCreateRequest({ cluster_user: 'a', ...form })).toMatchObject(wanted);
  });

  it.each([
    [{ acks: null }, { acks: null }],
    [{ acks: 'auto' }, { acks: null }],
    [{ heartbeat_bound: 2.5 }, { heartbeatBoundMs: 2_500 }],
    [{}, {}],
  ])('%j changes only what it names', (durability, read) =>
    expect(parsePatchRequest({ durability })).toEqual({ durability: read }),
  );

  it.each<unknown>([
    { acks: 64 },
    { acks: -1 },
    { acks: 1.5 },
    { acks: '1; drop' },
    { min_in_sync: 2 },
    { policy: 'best_effort' },
    { heartbeat_bound: '1s' },
    { heartbeat_bound: '61s' },
    { heartbeat_bound: 'soon' },
    { ack: 1 },
    { constructor: 1 },
    [],
    null,
    'lossless',
  ])('refuses the durability %j', (durability) =>
    expect(refusal(() => parsePatchRequest({ durability })).code).toBe('invalid_durability'),
  );

  it.each<unknown>([{ 'demo-1': 'first' }, { 'demo-1': true }, [], 'demo-1', null])(
    'refuses the promotion %j',
    (promotion) => expect(refusal(() => parsePatchRequest({ promotion })).code).toBe('invalid_promotion'),
  );
});

describe('switchover and failover', () => {
  it('need no field', () => {
    expect(parseSwitchoverRequest({})).toEqual({
      to: undefined,
      deadlineMs: 10_000,
      graceMs: 100,
      despiteObstacles: false,
      epoch: undefined,
    });
    expect(parseFailoverRequest({})).toEqual({ to: undefined, force: false, password: '', epoch: undefined });
  });

  it('read JSON and forms', () => {
    expect(
      parseSwitchoverRequest({
        to: 'demo-1',
        deadline: 5,
        grace: '200ms',
        despite_obstacles: 'true',
        epoch: 3,
      }),
    ).toEqual({
      to: 'demo-1',
      deadlineMs: 5_000,
      graceMs: 200,
      despiteObstacles: true,
      epoch: 3,
    });
    expect(parseFailoverRequest({ force: 'true', epoch: '3', password: 'p' })).toEqual({
      to: undefined,
      force: true,
      password: 'p',
      epoch: 3,
    });
  });

  it.each([
    [{ deadline: '1ms' }, 'invalid_duration'],
    [{ deadline: '1h' }, 'invalid_duration'],
    [{ grace: -1 }, 'invalid_duration'],
    [{ grace: 'x' }, 'invalid_duration'],
    [{ to: 7 }, 'malformed_body'],
    [{ despite_obstacles: 'yes' }, 'malformed_body'],
    [{ epoch: -1 }, 'malformed_body'],
    [{ epoch: 1.5 }, 'malformed_body'],
    [{ target: 'demo-1' }, 'unknown_field'],
  ])('refuse %j', (body, code) => expect(refusal(() => parseSwitchoverRequest(body)).code).toBe(code));

  it('refuse a force that is not clear', () =>
    expect(refusal(() => parseFailoverRequest({ force: 'yes' })).code).toBe('malformed_body'));
});

describe('durations', () => {
  it.each([
    [3_000, '3s'],
    [1_500, '1500ms'],
    [60_000, '1min'],
    [300_000, '5mins'],
    [90_000, '90s'],
  ])('%d ms are written %s, and read again', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
    expect(parseDuration(text)).toBe(ms);
  });
});

describe('parsePatchRequest', () => {
  it('reads num_nodes', () => expect(parsePatchRequest({ num_nodes: 5 })).toEqual({ numNodes: 5 }));
  it('wants something to change', () =>
    expect(refusal(() => parsePatchRequest({})).code).toBe('nothing_to_change'));
  it('refuses 0', () =>
    expect(refusal(() => parsePatchRequest({ num_nodes: 0 })).code).toBe('invalid_num_nodes'));
});

describe('passwords for deletion', () => {
  it('come in the body', () => expect(parseDeleteRequest({ password: 'x' })).toEqual({ password: 'x' }));
  it.each([undefined, null, {}])('are empty in the body %j', (body) =>
    expect(parseDeleteRequest(body)).toEqual({ password: '' }),
  );
  it('are texts', () =>
    expect(refusal(() => parseDeleteRequest({ password: 7 })).code).toBe('invalid_password'));

  it('are refused in the URL', () => {
    expect(refusal(() => refusePasswordInQuery({ password: 'x' })).code).toBe('password_in_url');
    expect(refusal(() => refusePasswordInQuery({ cluster_Password: 'x' })).code).toBe('password_in_url');
    expect(() => refusePasswordInQuery({ dry_run: 'true' })).not.toThrow();
  });
});
