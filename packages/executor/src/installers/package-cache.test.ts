import type { Log } from '@cotton/log';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
    expect(await readFile(join(root, 'a', 'file'), 'utf8')).toBe('x');
  });

  it('keeps nothing of a package that could not be unpacked, nor of one that broke off before', async () => {
    await mkdir(join(root, 'a.partial'));
    await writeFile(join(root, 'a.partial', 'old'), 'half');
    const fails = cachedPackage(root, 'a', signal, () => Promise.reject(new Error('damaged')));
    await expect(fails).rejects.toThrow('damaged');
    expect(await readdir(root)).not.toContain('a');
    const folder = await cachedPackage(root, 'a', signal, (into) => writeFile(join(into, 'new'), 'whole'));
    expect(await readdir(folder)).toContain('new');
    expect(await readdir(folder)).not.toContain('old');
  });

  describe('of a package that was cleared up in part', () => {
    let unpacked: number;
    const cached = () =>
      cachedPackage(root, 'a', signal, async (into) => {
        unpacked++;
        await mkdir(join(into, 'lib'));
        await writeFile(join(into, 'lib', 'plugin'), 'whole');
        await writeFile(join(into, 'mysqld'), 'whole');
      });

    beforeEach(async () => {
      unpacked = 0;
      await cached();
      await cached();
      expect(unpacked).toBe(1);
    });

    it.each<[string, (folder: string) => Promise<unknown>]>([
      ['a file', (folder) => rm(join(folder, 'lib', 'plugin'))],
      ['a folder', (folder) => rm(join(folder, 'lib'), { recursive: true })],
      ['the end of a file', (folder) => writeFile(join(folder, 'mysqld'), 'wh')],
      [
        'everything',
        async (folder) => {
          for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
        },
      ],
    ])('makes it anew, once, when %s is gone', async (_what, damage) => {
      await damage(join(root, 'a'));
      const [folder = ''] = await Promise.all([cached(), cached()]);
      expect(await readFile(join(folder, 'lib', 'plugin'), 'utf8')).toBe('whole');
      expect(await readFile(join(folder, 'mysqld'), 'utf8')).toBe('whole');
      await cached();
      expect(unpacked).toBe(2);
      expect((await readdir(root)).sort()).toEqual(['a', 'a.lock']);
    });
  });

  it('holds what it has given out, as systemd-tmpfiles asks for it', async () => {
    const isFree = (folder: string) => {
      try {
        execFileSync('flock', ['--exclusive', '--nonblock', folder, 'true']);
        return true;
      } catch {
        return false;
      }
    };
    const folder = await cachedPackage(root, 'a', signal, (into) => writeFile(join(into, 'file'), 'x'));
    expect(isFree(folder)).toBe(false);
    expect(isFree(root)).toBe(true);
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
