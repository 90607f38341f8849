import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// What a stranger sees: each library packed, installed without a network into an empty project, imported and compiled.
const ROOT = resolve(import.meta.dirname, '../../..');
const libraries = await builtLibraries();

let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'cotton-consumer-'));
  const workspaces = libraries.flatMap((name) => ['-w', name]);
  await npm(ROOT, ['pack', '--pack-destination', project, ...workspaces]);
  const tarballs = (await readdir(project))
    .filter((name) => name.endsWith('.tgz'))
    .map((name) => `./${name}`);
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
  );
  await npm(project, ['install', '--offline', ...tarballs]);
}, 180_000);

afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

describe('packed libraries', () => {
  it('are all there', () => {
    expect(libraries).toEqual(expect.arrayContaining(['@cotton/core', '@cotton/mesos', '@cotton/zookeeper']));
  });

  it('bring no dependency along', async () => {
    expect(await readdir(join(project, 'node_modules'))).not.toContain('fastify');
    expect((await readdir(join(project, 'node_modules/@cotton'))).toSorted()).toEqual(
      libraries.map((name) => name.replace('@cotton/', '')).toSorted(),
    );
  });

  it.each(libraries)('%s imports with plain node', async (name) => {
    const script = `import * as it from '${name}'; console.log(Object.keys(it).length);`;
    const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script], {
      cwd: project,
      env: { NODE_OPTIONS: '' },
    });
    expect(Number(stdout)).toBeGreaterThan(0);
  });

  it('type-check in a strict project that has only Node types', { timeout: 120_000 }, async () => {
    const lines = libraries.map((name, index) => `import * as it${index} from '${name}';\nvoid it${index};`);
    await writeFile(join(project, 'consumer.ts'), lines.join('\n'));
    const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
    const types = ['--typeRoots', join(ROOT, 'node_modules/@types')];
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const result = await execa(process.execPath, [tsc, ...options, ...types, 'consumer.ts'], {
      cwd: project,
      reject: false,
    });
    expect(result.stdout).toBe('');
    expect(result.exitCode).toBe(0);
  });
});

async function builtLibraries(): Promise<string[]> {
  const folders = (await readdir(join(ROOT, 'packages'))).map((name) => join(ROOT, 'packages', name));
  const written = folders.filter((folder) => existsSync(join(folder, 'src/index.ts')));
  const unbuilt = written.find((folder) => !existsSync(join(folder, 'dist/index.d.ts')));
  if (unbuilt) throw new Error(`${unbuilt} is not built; run "npm run build" first`);
  const names = written.map(async (folder) => {
    return (JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { name: string }).name;
  });
  return Promise.all(names);
}

async function npm(cwd: string, args: string[]): Promise<void> {
  await execa('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd });
}
