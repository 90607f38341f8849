import { execa } from 'execa';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleDeclarations } from '../src/declarations.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cotton-types-'));
  await mkdir(join(folder, 'node_modules'));
  for (const name of ['@sinclair', 'pino']) {
    await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The rolled-up types of a library with this source, compiled where no third party is installed. */
async function compileFor(source: string): Promise<{ types: string; complaints: string }> {
  const file = join(folder, 'index.ts');
  await writeFile(file, source);
  const consumer = join(folder, 'consumer');
  await mkdir(consumer, { recursive: true });
  await bundleDeclarations(file, join(consumer, 'index.d.ts'));
  const elsewhere = await mkdtemp(join(tmpdir(), 'cotton-consumer-'));
  try {
    const types = await readFile(join(consumer, 'index.d.ts'), 'utf8');
    await writeFile(join(elsewhere, 'index.d.ts'), types);
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const typeRoots = ['--typeRoots', join(ROOT, 'node_modules/@types'), '--types', 'node'];
    const options = ['--strict', '--noEmit', '--target', 'es2024', '--module', 'nodenext', ...typeRoots];
    const result = await execa(process.execPath, [tsc, ...options, 'index.d.ts'], {
      cwd: elsewhere,
      reject: false,
    });
    return { types, complaints: result.stdout };
  } finally {
    await rm(elsewhere, { recursive: true, force: true });
  }
}

describe('bundleDeclarations', () => {
  it('keeps out a third party that only the implementation uses', async () => {
    const source = `import { pino } from 'pino';\nexport const level: string = pino().level;`;
    const { types, complaints } = await compileFor(source);
    expect(types).not.toContain('pino');
    expect(complaints).toBe('');
  });

  it('takes in third-party types that the exports mention', async () => {
    const source = `import { Type } from '@sinclair/typebox';\nexport const Name = Type.String();`;
    const { types, complaints } = await compileFor(source);
    expect(types).not.toContain("from '@sinclair");
    expect(types).toContain('TString');
    expect(complaints).toBe('');
  });

  it('does not break a user over types that cannot be taken in', async () => {
    const source = `import type { pino } from 'pino';\nexport type Log = pino.Logger;\nexport const answer: number = 42;`;
    const { types, complaints } = await compileFor(source);
    expect(types).toContain('answer: number');
    expect(complaints).toBe('');
  });
});
