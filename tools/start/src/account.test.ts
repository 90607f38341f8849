import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findAccount } from './account.ts';

const entry = (uid: string, password: string) => ({
  api: ['http://h:1'],
  uid,
  name: 'demo',
  user: 'demo',
  password,
});

describe('the account', () => {
  let dir: string;
  beforeAll(async () => void (dir = await mkdtemp(join(tmpdir(), 'cotton-start-'))));
  afterAll(() => rm(dir, { recursive: true }));

  it('is that of this very cluster', async () => {
    const file = join(dir, 'kept.json');
    await writeFile(file, JSON.stringify({ format: 1, clusters: [entry('a', 'old'), entry('b', 'new')] }));
    expect(await findAccount(file, 'b')).toMatchObject({ user: 'demo', password: 'new' });
    expect(await findAccount(file, 'c')).toBeUndefined();
  });

  it('is not kept where there is no file, or a damaged one', async () => {
    const file = join(dir, 'damaged.json');
    await writeFile(file, '{"format": 1, "clus');
    expect(await findAccount(file, 'a')).toBeUndefined();
    expect(await findAccount(join(dir, 'none.json'), 'a')).toBeUndefined();
  });
});
