import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../log.ts';
import { cachedPackage, packageCache } from './package-cache.ts';

const { signal } = new AbortController();
const nothing = () => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing };

describe('the package cache', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'cotton-cache-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('unpacks once, however many ask at the same time', async () => {
    let unpacked = 0;
    const unpack = async (into: string) => {
      unpacked++;
      await writeFile(join(into, 'file'), 'x');
    };
    const folders = await Promise.all([1, 2, 3, 4].map(() => cachedPackage(root, 'a', signal, unpack)));
    expect(unpacked).toBe(1);
    expect(new Set(folders)).toEqual(new Set([join(root, 'a')]));
    expect(await readdir(join(root, 'a'))).toEqual(['file']);
  });

  it('keeps nothing of a package that could not be unpacked, nor of one that broke off before', async () => {
    await mkdir(join(root, 'a.partial'));
    await writeFile(join(root, 'a.partial', 'old'), 'half');
    const fails = cachedPackage(root, 'a', signal, () => Promise.reject(new Error('damaged')));
    await expect(fails).rejects.toThrow('damaged');
    expect(await readdir(root)).not.toContain('a');
    const folder = await cachedPackage(root, 'a', signal, (into) => writeFile(join(into, 'new'), 'whole'));
    expect(await readdir(folder)).toEqual(['new']);
  });

  it('is not used where others may write', async () => {
    const shared = join(root, 'shared');
    await mkdir(shared);
    await chmod(shared, 0o777);
    expect(await packageCache(join(shared, 'packages'), log)).toBeUndefined();
    await chmod(shared, 0o1777);
    expect(await packageCache(join(shared, 'packages'), log)).toBe(join(shared, 'packages'));
    await chmod(join(shared, 'packages'), 0o775);
    expect(await packageCache(join(shared, 'packages'), log)).toBeUndefined();
  });

  it('is not used where it cannot be', async () => {
    await writeFile(join(root, 'file'), '');
    expect(await packageCache(join(root, 'file', 'packages'), log)).toBeUndefined();
  });
});
