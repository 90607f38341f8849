import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Admin } from './admin.ts';
import type { DataDirectory } from './data-directory.ts';
import { syncPath } from './durable-files.ts';
import { clearRebuildMark, readRebuildMark } from './rebuild-mark.ts';

const RESET_MS = 30_000;

/**
 * CLONE leaves the recipient's old server UUID, under which it would give numbers already used to new transactions:
 * without `auto.cnf` mysqld takes a fresh one. And its old relay logs, which the new data know nothing of.
 */
export async function prepareRebuilt(data: DataDirectory): Promise<void> {
  if ((await readRebuildMark(data.volume)) !== 'cloned') return;
  const left = (await readdir(data.path)).filter((name) => OF_FORMER_LIFE.test(name));
  for (const name of left) await rm(join(data.path, name), { force: true });
  await syncPath(data.path);
}

const OF_FORMER_LIFE = /^(auto\.cnf|relay[.-].*)$/;

/** A clone taken from a replica brings its channel along. The mark goes last: until then all this is done again. */
export async function finishRebuild(data: DataDirectory, admin: Admin): Promise<void> {
  if ((await readRebuildMark(data.volume)) !== 'cloned') return;
  const limit = { deadlineMs: RESET_MS };
  await admin.on('steps', limit, (session) => session.run('RESET REPLICA ALL', [], limit));
  await clearRebuildMark(data.volume);
}
