import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { zip } from './zip.ts';

const run = promisify(execFile);

/** As long as the recorded one. */
const TOOL = '#!/bin/sh\necho tool\n';

const ACLS = {
  permissive: false,
  register_frameworks: [{ principals: { values: ['cotton'] }, roles: { values: ['eng'] } }],
  run_tasks: [{ principals: { values: ['cotton'] }, users: { values: ['nobody'] } }],
  reserve_resources: [{ principals: { values: ['cotton'] }, roles: { values: ['eng'] } }],
};

const CREDENTIALS = {
  credentials: [
    { principal: 'cotton', secret: 's3cret' },
    { principal: 'other', secret: 'other' },
    { principal: 'ops', secret: 'ops' },
  ],
};

/** After this the served archive has no `bin`: who still shows one did not fetch it again. */
export async function changeServedFile(temp: string): Promise<void> {
  const archive = join(temp, 'served', 'pkg.tar.gz');
  await run('tar', ['-cz', '-f', archive, '-C', join(temp, 'src'), '--exclude=bin', 'pkg']);
}

/** Files that the recordings name under `<TMP>` and that their file server served. */
export async function writeFetchedFiles(temp: string): Promise<void> {
  const served = join(temp, 'served');
  const source = join(temp, 'src');
  await mkdir(served, { recursive: true });
  await mkdir(join(source, 'pkg', 'bin'), { recursive: true });
  // The agent's user must reach what a file:// URI names.
  await chmod(temp, 0o755);
  for (const name of ['credentials.json', 'http_credentials.json'])
    await writeFile(join(temp, name), JSON.stringify(CREDENTIALS));
  await writeFile(join(temp, 'acls.json'), JSON.stringify(ACLS));
  await writeFile(join(source, 'pkg', 'readme.txt'), 'readme\n');
  await writeFile(join(source, 'pkg', 'bin', 'tool'), TOOL, {
    mode: 0o755,
  });
  await writeFile(join(served, 'plain.txt'), 'plain\n');
  await writeFile(join(served, 'a file.txt'), 'plain\n');
  await writeFile(join(served, 'slow'), 'late\n');
  await writeFile(join(served, 'broken.tar.gz'), 'this is no archive');
  await writeFile(join(served, 'readme.txt.gz'), gzipSync('readme\n'));
  await writeFile(
    join(served, 'pkg.zip'),
    zip([
      { name: 'pkg/', mode: 0o40755, content: '' },
      { name: 'pkg/bin/', mode: 0o40755, content: '' },
      { name: 'pkg/readme.txt', mode: 0o100644, content: 'readme\n' },
      { name: 'pkg/bin/tool', mode: 0o100755, content: TOOL },
    ]),
  );
  for (const [name, flag] of [
    ['pkg.tar.gz', '-cz'],
    ['pkg.tgz', '-cz'],
    ['noext', '-cz'],
    ['pkg.tar', '-c'],
    ['pkg.tar.xz', '-cJ'],
  ])
    await run('tar', [flag!, '-f', join(served, name!), '-C', source, 'pkg']);
}
