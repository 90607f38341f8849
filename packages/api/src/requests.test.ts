import { Value } from '@sinclair/typebox/value';
import { describe, expect, it } from 'vitest';
import { ApiError } from './errors.ts';
import {
  parseCreateRequest,
  parseDeleteRequest,
  parsePatchRequest,
  refusePasswordInQuery,
} from './requests.ts';
import { CreateClusterRequest } from './schemas.ts';
import { DEFAULT_SIZE } from './sizes.ts';

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
