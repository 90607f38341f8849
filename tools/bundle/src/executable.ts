import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BundleError } from './error.ts';

const runProgram = promisify(execFile);

// The mark in Node's binary that tells it to look for an application; named in Node's documentation.
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * Makes the executable `file` out of this very Node and the CommonJS `script`. The copy is not stripped: a stripped
 * Node crashes.
 */
export async function makeExecutable(script: string, file: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'cotton-executable-'));
  try {
    const blob = await prepareBlob(script, scratch);
    await copyFile(process.execPath, file);
    await chmod(file, 0o755);
    await injectBlob(file, blob);
  } catch (cause) {
    throw new BundleError('executable_failed', `cannot make the executable ${file}: ${String(cause)}`, cause);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function prepareBlob(script: string, scratch: string): Promise<string> {
  const config = join(scratch, 'sea.json');
  const output = join(scratch, 'app.blob');
  const settings = {
    main: script,
    output,
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: true,
  };
  await writeFile(config, JSON.stringify(settings));
  await runProgram(process.execPath, ['--experimental-sea-config', config]);
  return output;
}

/** In a process of its own: the injector prints warnings about Node's binary that mean nothing here. */
async function injectBlob(file: string, blob: string): Promise<void> {
  const postject = join(createRequire(import.meta.url).resolve('postject'), '../cli.js');
  await runProgram(process.execPath, [postject, file, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE]);
}
