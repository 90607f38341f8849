import { execa } from 'execa';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeProduct, type Git } from '../src/tried.ts';

const AUTHOR = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];

let dir: string;
const git: Git = async (...args) => (await execa('git', ['-C', dir, ...AUTHOR, ...args])).stdout;

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(dir, path)), { recursive: true });
  await writeFile(join(dir, path), text);
}

async function commit(path: string, text: string): Promise<string> {
  await write(path, text);
  await git('add', '-A');
  await git('commit', '--quiet', '--message', path);
  return git('rev-parse', '--short=12', 'HEAD');
}

describe('what results are results of', () => {
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cotton-tried-'));
    await git('init', '--quiet');
  });

  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('is the last commit that touched the product', async () => {
    for (const path of ['packages/core/src/deep/decide.ts', 'packages/core/package.json']) {
      const product = await commit(path, 'one');
      for (const other of [
        'docs/a.md',
        'packages/core/src/decide.test.ts',
        'tools/chaos/src/a.ts',
        'package.json',
      ])
        await commit(other, path);
      expect(await describeProduct(git)).toBe(product);
    }
  });

  it('is not that commit any more when the product was changed since', async () => {
    const product = await describeProduct(git);
    await write('packages/core/src/decide.test.ts', 'changed');
    await write('docs/a.md', 'changed');
    expect(await describeProduct(git)).toBe(product);
    await write('packages/core/src/new.ts', 'not even added');
    expect(await describeProduct(git)).toBe(`${product}-changed`);
  });
});
