import { describe, expect, it } from 'vitest';
import { EMPTY_FORM, readCreateForm } from './create-request.ts';

const form = { ...EMPTY_FORM, name: 'demo', cluster_user: 'jane' };

describe('readCreateForm', () => {
  it('makes the request', () =>
    expect(readCreateForm(form)).toEqual({
      request: { cluster_user: 'jane', num_nodes: 3, size: { cpus: 1, mem: '512mb', disk: '2gb' } },
    }));

  it('sends a password only where there is one', () =>
    expect(readCreateForm({ ...form, cluster_password: ' x ' })).toMatchObject({
      request: { cluster_password: ' x ' },
    }));

  it.each([
    [{ name: '' }, 'name'],
    [{ name: '../x' }, 'name'],
    [{ name: 'a'.repeat(49) }, 'name'],
    [{ cluster_user: 'root' }, 'cluster_user'],
    [{ num_nodes: '' }, 'num_nodes'],
    [{ num_nodes: '65' }, 'num_nodes'],
    [{ mem: '512' }, 'size'],
    [{ cpus: 'many' }, 'size'],
    [{ cluster_password: 'a\0b' }, 'cluster_password'],
  ])('says what is wrong with %j', (change, field) => {
    const result = readCreateForm({ ...form, ...change });
    expect(Object.keys('errors' in result ? result.errors : {})).toEqual([field]);
  });

  it('says everything that is wrong', () =>
    expect(readCreateForm({ ...form, name: '1', num_nodes: '0', disk: '2' })).toEqual({
      errors: {
        name: expect.any(String),
        num_nodes: expect.any(String),
        size: expect.stringContaining('no unit'),
      },
    }));
});
