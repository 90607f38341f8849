import { execa } from 'execa';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPackage } from '../src/index.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

// An app that uses what makes bundling hard: CommonJS dependencies, import.meta, Node's own modules, its arguments.
const APP = `
import fastify from 'fastify';
import mysql from 'mysql2/promise';
import zookeeper from 'node-zookeeper-client';
import { basename } from 'node:path';

async function main(): Promise<void> {
  const server = fastify();
  server.get('/', { schema: { response: { 200: { type: 'object', properties: { ok: { type: 'boolean' } } } } } }, async () => ({ ok: true }));
  const { body } = await server.inject('/');
  console.log(body, typeof mysql.createConnection, typeof zookeeper.createClient);
  console.log(basename(import.meta.filename), import.meta.url.startsWith('file:'), process.argv.slice(2).join(' '));
  if (process.argv.includes('fail')) throw new Error('as asked');
}
void main();
`;

let folder: string;
let dist: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cotton-app-'));
  await mkdir(join(folder, 'src'));
  await mkdir(join(folder, 'node_modules'));
  for (const name of ['fastify', 'mysql2', 'node-zookeeper-client']) {
    await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: '@cotton/sample', type: 'module' }));
  await writeFile(join(folder, 'src/main.ts'), APP);
  await buildPackage(folder);
  dist = join(folder, 'dist');
  await rm(join(folder, 'node_modules'), { recursive: true }); // from here on it has to stand alone
}, 120_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe.each([
  ['the module', () => [process.execPath, join(dist, 'cotton-sample.mjs')], 'cotton-sample.mjs'],
  ['the executable', () => [join(dist, 'cotton-sample')], 'cotton-sample'],
] as const)('%s', (_, command, fileName) => {
  const run = (...args: string[]) => {
    const [program = '', ...rest] = command();
    return execa(program, [...rest, ...args], {
      cwd: '/',
      env: {},
      extendEnv: false,
      reject: false,
      timeout: 30_000,
    });
  };

  it('runs alone, with no Node on the PATH and no node_modules', async () => {
    const { stdout, stderr, exitCode } = await run('one', 'two');
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toEqual(['{"ok":true} function function', `${fileName} true one two`]);
    expect(exitCode).toBe(0);
  });

  it('fails like any Node program, with a short trace', async () => {
    const { stderr, exitCode } = await run('fail');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('as asked');
    expect(stderr.length).toBeLessThan(4000);
  });
});
